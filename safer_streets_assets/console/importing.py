"""Loads modules that a run needs while the command waits for something else."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from contextlib import suppress

FOR_A_RUN = ("safer_streets_assets.definitions", "great_expectations", "altair")
"""The modules that take longest to load, in the order in which a run needs them."""


def import_meanwhile(modules: Sequence[str] = FOR_A_RUN) -> threading.Thread:
    """Begins to load modules in a thread of their own, and gives it back.

    One that does not load says so to whoever imports it next: nothing is said here.
    """
    thread = threading.Thread(target=_load, args=(modules,), name="importing")
    thread.start()
    return thread


def _load(modules: Sequence[str]) -> None:
    for module in modules:
        with suppress(Exception):
            importlib.import_module(module)
