"""This library on the same tables, and what its attacker takes tables apart into."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.disclosure.tables import CATEGORIES, Case, invented_people, tabulate
from benchmarks.disclosure.tools import NotRun, Output
from safer_streets_assets.disclosure.core import Protection, PublishedRelease, protect, prove
from safer_streets_assets.disclosure.core.attacks.attacker import grids_of
from safer_streets_assets.disclosure.core.suppression.weights import Weight
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.components import components

CYCLE = (
    ("borough", "offence"),
    ("offence", "outcome"),
    ("outcome", "borough"),
    ("borough", "age"),
    ("age", "sex"),
    ("sex", "ethnicity"),
    ("ethnicity", "borough"),
)


@dataclass(frozen=True)
class Apart:
    """A set of tables, the cells of the joint table that they are margins of, what is unknown in
    them, the finer counts that are made because the tables are tied in cycles, and the parts that
    the attacker takes it all into. `seconds` are the attacker's alone."""

    joint: int
    printed: int
    unknown: int
    finer: int
    parts: int
    largest: int
    proven: bool
    seconds: float


def protected(case: Case, threshold: int, weights: Weight, limit: float) -> tuple[Output, float]:
    """What this library prints, with the seconds of protecting (proof included), and the seconds of
    the attacker alone. Raises NotRun when a table was withheld."""
    start = time.perf_counter()
    protection = protect(case.tables, threshold=threshold, weights=weights, time_limit=limit)
    seconds = time.perf_counter() - start
    if protection.withheld:
        raise NotRun(f"not proven in {limit:.0f} s: {len(protection.withheld)} tables withheld")
    tables = {name: table.cells for name, table in protection.tables.items()}
    _, attacker = _attacked(protection, threshold)
    return Output(tables, seconds), attacker


def taken_apart(seed: int, threshold: int, limit: float) -> Apart:
    """Seven tables of two dimensions, tied in cycles, whose joint table has all six dimensions."""
    people = invented_people(np.random.default_rng(seed))
    case = Case("cycle", tuple(tabulate(people, dimensions) for dimensions in CYCLE))
    protection = protect(case.tables, threshold=threshold, time_limit=limit)
    release = protection.release("it")
    system = build_system([grids_of(release, threshold)])
    parts = components(system)
    placed = sum(int(system.placed[part.unknown].sum()) for part in parts)
    sizes = [len(part.unknown) for part in parts]
    proven, seconds = _attacked(protection, threshold)
    return Apart(
        joint=int(np.prod(list(CATEGORIES.values()))),
        printed=_cells([t.cells for t in case.tables]),
        unknown=placed,
        finer=sum(sizes) - placed,
        parts=len(sizes),
        largest=max(sizes, default=0),
        proven=proven,
        seconds=seconds,
    )


def _attacked(protection: Protection, threshold: int) -> tuple[bool, float]:
    release: PublishedRelease = protection.release("it")
    start = time.perf_counter()
    verdicts = prove([release], threshold=threshold, time_limit=600.0)
    return set(verdicts.values()) == {"proven"}, time.perf_counter() - start


def _cells(frames: Sequence[pd.DataFrame]) -> int:
    return sum(len(frame) for frame in frames)
