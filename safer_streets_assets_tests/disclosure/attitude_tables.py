"""Attitude tables of invented people: who has a score of which scale at which wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from safer_streets_assets.attitudes.attrition import attrition_table
from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.grouping import Grouping
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.disclosure.core import CellBounds, PublishedRelease, attack
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy

GENDERS = ("Male", "Female", "Other or not known")
TABLES = ("attitude_change", "attitude_attrition")


PRIMARY = "primary"
"""In place of a scale: every primary one."""


class People(NamedTuple):
    """So many people of a gender, with scores at the waves of each scale (`W1`: `13`)."""

    how_many: int
    gender: str
    waves: Mapping[str, str]


def attitude_tables(groups: Iterable[People], policy: Policy) -> dict[str, pd.DataFrame]:
    """The change and the attrition table of those people, as the attitudes stage makes them."""
    instrument, groupings = instrument_of(policy), [Grouping("gender", "gender", GENDERS)]
    all_primary = [scale.code for scale in instrument.primary]
    people, scores = [], []
    for group in groups:
        for _ in range(group.how_many):
            person = f"p{len(people)}"
            people.append((person, group.gender))
            scores += [
                (person, int(wave), scale, 1.0 + (len(people) * int(wave)) % 5)
                for name, waves in group.waves.items()
                for scale in (all_primary if name == PRIMARY else [name])
                for wave in waves
            ]
    who = pd.DataFrame(people, columns=["person_id", "gender"])
    said = pd.DataFrame(scores, columns=["person_id", "wave", "scale", "score"])
    said = said.astype({"wave": "Int64", "score": "Float64"})
    summary = change_summary(said, who, instrument, groupings)
    return {
        "attitude_change": summary.table,
        "attitude_attrition": attrition_table(said, who, instrument, groupings).table,
    }


class Shown(NamedTuple):
    """A count that is printed though it was hidden, and the row that it stands in."""

    table: str
    row: Mapping[str, str]
    count: str


def leaks(
    made: ProtectedTables,
    frames: Mapping[str, pd.DataFrame],
    policy: Policy | None = None,
    shown: Iterable[Shown] = (),
) -> list[CellBounds]:
    """What an attacker who knows a policy (the shipped one) gets from what is printed, and may not;
    `shown` are counts that are printed all the same."""
    known = core_links(policy or shipped_policy(), made.parts, frames)
    tables = {name: frame.copy() for name, frame in made.tables.items()}
    for table, row, count in shown:
        there = (frames[table][list(row)] == pd.Series(row)).all(axis="columns")
        assert tables[table].loc[there, count].isna().sum() == 1, "it is printed anyway"
        tables[table].loc[there, count] = frames[table].loc[there, count]
    printed = as_published("new", structure_of(made), tables)
    release = PublishedRelease(
        printed.name, printed.tables, printed.threshold, printed.not_monotone, known
    )
    return [found for found in attack([release], threshold=5, exact=False) if not found.safe]


def protected(groups: Iterable[People], policy: Policy) -> tuple[ProtectedTables, list[CellBounds]]:
    """The tables of those people protected under a policy, and what leaks all the same."""
    frames = attitude_tables(groups, policy)
    made = protect_tables(policy, frames)
    return made, leaks(made, frames)
