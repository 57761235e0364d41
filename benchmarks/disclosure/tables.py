"""The tables that are protected: invented ones from a seed, or cases read from a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, CountTable, TableSpec

PEOPLE = 800
CATEGORIES = {"borough": 33, "offence": 8, "outcome": 3, "age": 7, "sex": 2, "ethnicity": 5}
LINKED = (("borough", "offence"), ("borough", "outcome"), ("borough", "age"), ("borough", "sex"))


@dataclass(frozen=True)
class Case:
    """Tables of one population that are released together."""

    name: str
    tables: tuple[CountTable, ...]

    def has_small_cells(self, threshold: int) -> bool:
        """Whether there is anything to hide."""
        return any(t.cells["n"].between(1, threshold - 1).any() for t in self.tables)


def invented_cases(seed: int) -> Iterator[Case]:
    """A small table, a table of boroughs, four that share borough, and one of three dimensions."""
    rng = np.random.default_rng(seed)
    people = invented_people(rng)
    few = people.assign(borough=people["borough"].astype(int) % 10, offence=_five(people))
    yield Case("10 x 5", (tabulate(few.astype(str), ("borough", "offence")),))
    yield Case("33 x 8", (tabulate(people, ("borough", "offence")),))
    yield Case("four linked", tuple(tabulate(people, dimensions) for dimensions in LINKED))
    yield Case("33 x 8 x 3", (tabulate(people, ("borough", "offence", "outcome")),))


def invented_people(rng: np.random.Generator, people: int = PEOPLE) -> pd.DataFrame:
    """People with one category in each dimension; every dimension has a few large categories."""
    columns = {}
    for dimension, size in CATEGORIES.items():
        weights = rng.exponential(1.0, size) + 0.15
        drawn = rng.choice(size, people, p=weights / weights.sum())
        columns[dimension] = pd.Series(drawn).map("{:02d}".format)
    return pd.DataFrame(columns)


def tabulate(people: pd.DataFrame, dimensions: Sequence[str]) -> CountTable:
    """The whole table of people by dimensions, zeros and every total with it."""
    parts = []
    for mask in np.ndindex(*(2,) * len(dimensions)):
        kept = people[list(dimensions)].copy()
        for dimension, summed in zip(dimensions, mask, strict=True):
            if summed:
                kept[dimension] = TOTAL
        parts.append(kept)
    counted = pd.concat(parts).value_counts(list(dimensions))
    axes = [[*sorted(people[d].unique()), TOTAL] for d in dimensions]
    whole = pd.MultiIndex.from_product(axes, names=list(dimensions))
    cells = counted.reindex(whole, fill_value=0).rename("n").reset_index()
    return CountTable(TableSpec(" x ".join(dimensions), tuple(dimensions), "people"), cells)


def read_case(file: Path) -> Case:
    """A case of a long CSV: table, dimensions (empty where the table does not have them), value,
    and `true` where the value may be hidden."""
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    frame["n"] = frame["true"] if "true" in frame else frame["value"]
    tables = []
    for name, rows in frame.groupby("table", sort=False):
        others = [c for c in frame.columns if c not in ("table", "value", "true", "n")]
        dimensions = tuple(c for c in others if (rows[c] != "").any())
        cells = rows[[*dimensions, "n"]].astype({"n": "int64"})
        tables.append(CountTable(TableSpec(str(name), dimensions, "people"), cells))
    return Case(file.stem, tuple(tables))


def _five(people: pd.DataFrame) -> pd.Series:
    return people["offence"].astype(int).clip(upper=4)
