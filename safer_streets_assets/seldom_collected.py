"""Whoever imports this has its garbage collected seldom: it loads much and drops little.

To be imported before anything that takes long to import. Dagster, pandas and this package make a
million objects that stay to the end. Python would look through them seven hundred times while they
are loaded, and through all of them again when the process ends: that was a third of the time in
which the definitions load.
"""

from __future__ import annotations

import atexit
import gc

OBJECTS = 100_000
"""How many objects are made between two collections (Python: 700): some 10 MB, where it is garbage
that only a collection finds."""

gc.set_threshold(OBJECTS, 20, 20)
atexit.register(gc.freeze)  # what is left at the end goes with the process
