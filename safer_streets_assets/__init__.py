"""Safer Streets assets: MOPAC's evaluation of Safer Streets as a Dagster asset graph.

Each stage of the evaluation is a package of its own, and imports only from the stages before it.
Beside the packages stand only what all of them share (`errors`) and what puts them together
(`definitions`, `cli`, `program`).
"""

__version__ = "0.1.0"
