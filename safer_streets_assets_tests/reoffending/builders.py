"""Police rows as they would be sent, and the policy as a signed agreement would make it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets_tests.builders import (
    CRC,
    MPS,
    NPS,
    Row,
    load_rows,
    people_rows,
    shipped_policy,
)

COMPLETED_ON = "01/06/2020"
POLICE_ROW: Row = {
    "CRN": "A100001",
    "Event": "Nothing found",
    "Event date": None,
    "Searched until": "01/12/2021",
}


@functools.cache
def agreed(needed: int | None = None) -> Policy:
    """The policy once the agreement is signed; with `needed`, its gate opens at so many."""
    policy = shipped_policy().with_agreement(MPS)
    if needed is None:
        return policy
    gates = [
        gate.model_copy(update={"needed": needed}) if gate.requires_source else gate
        for gate in policy.dpia.gates
    ]
    return replace(policy, dpia=policy.dpia.model_copy(update={"gates": gates}))


def police(*changes: Row) -> list[dict[str, Any]]:
    """One row a mapping: the plain row, changed as the mapping says."""
    return [{**POLICE_ROW, **change} for change in changes]


def found(crn: str, event: str, day: str, until: str = "01/12/2021") -> Row:
    """An event of a person."""
    return {"CRN": crn, "Event": event, "Event date": day, "Searched until": until}


def load_people(connection: duckdb.DuckDBPyConnection, completed: int, others: int = 0) -> None:
    """So many people who completed on `COMPLETED_ON`, and after them so many who did not."""
    policy = agreed()
    load_rows(connection, NPS, people_rows(NPS, completed + others), policy=policy)
    done = {"Outcome": "Completed", "Outcome date": COMPLETED_ON, "Sessions attended": "12"}
    crc = people_rows(CRC, completed, **done) + people_rows(CRC, others, first=completed + 1)
    load_rows(connection, CRC, crc, policy=policy)


def link(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    *drops: Sequence[Row],
    policy: Policy | None = None,
) -> None:
    """Loads police drops one after the other, and links everybody."""
    policy = policy or agreed()
    for number, rows in enumerate(drops, start=1):
        load_rows(connection, MPS, rows, drop=number, policy=policy)
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    make_pseudonyms(connection, folder, policy)
    for name in policy.sources:
        conform(connection, policy, name)
    link_cohort(connection, policy)
