"""What an erasure on request would do: what goes from where, counted, and its fingerprints."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from safer_streets_assets.cohort.person import as_crn, find_person
from safer_streets_assets.intake.landing import drop_id_of, files_in_landing
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.leaving import values_going
from safer_streets_assets.retention.erasure.subjects import (
    ErasureScope,
    going,
    python_crn_pattern,
    rows_going,
)
from safer_streets_assets.retention.holdings.asked import new_erasure_id
from safer_streets_assets.retention.holdings.intent import Intent
from safer_streets_assets.retention.holdings.inventory import RESEARCH, inventory
from safer_streets_assets.retention.traces.fingerprints import (
    comparable,
    fingerprints_of,
    texts_of_file,
)
from safer_streets_assets.retention.traces.own_words import product_words
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.keys import KEY_BYTES, KeyMissingError
from safer_streets_assets.stores.queries import one_number, tables_in
from safer_streets_assets.stores.sealed import SealError, unseal
from safer_streets_assets.stores.sql_files import quoted_name

_ENCRYPTED = "EncryptedPackage"


@dataclass(frozen=True)
class Plan:
    """What goes: rows by table of the restricted store, rows of the research store that fall away
    with them, sealed drops, copies in the landing folder, and files. The repr holds nobody's CRN.

    `identifiers` and `texts` (free ones) are looked for afterwards, as they are compared;
    `ordinary` free texts are words of this product, `quoted` ones stand in quotes that releases may
    have printed, and neither are. `not_searched` are sealed drops that a password keeps from being
    searched; `undecided` are near misses of the person that nobody decided on: what came under the
    mistyped CRN stays.
    """

    subject: ErasureScope
    rows: Mapping[str, int]
    research_rows: int
    near_misses: list[str] = field(repr=False)
    sealed: list[Path]
    landed: list[Path] = field(repr=False)
    files: int
    bytes: int
    not_searched: int
    identifiers: frozenset[str] = field(repr=False)
    texts: frozenset[str] = field(repr=False)
    ordinary: int = 0
    quoted: int = 0
    undecided: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is held."""
        return not (self.rows or self.sealed or self.landed)


def plan_person(folder: DataFolder, policy: Policy, text: str) -> Plan:
    """What goes with a person, by their CRN and those that were accepted as it. Changes nothing.

    Raises:
        PersonError: the text is no CRN, or whose the rows under it are is to be settled first.
        KeyMissingError, StoreError: a store or a sealed drop does not open.
    """
    crn = as_crn(text, policy.dpia.person_number)
    with open_stores(folder, read=["restricted", "research"]) as connection:
        crns = sorted(find_person(connection, policy, crn).crns)
        sealed, not_searched = _sealed_with(folder, policy, crns)
        subject = ErasureScope("person", crns, sealed)
        return _plan(connection, folder, policy, subject, [], not_searched)


def plan_drop(folder: DataFolder, policy: Policy, drop_id: str) -> Plan:
    """What goes with a drop that is on the ledger, in whatever state. Changes nothing.

    Raises:
        KeyMissingError, StoreError: a store does not open.
    """
    files, _ = files_in_landing(folder)
    landed = [file.path for file in files if drop_id_of(file.path) == drop_id]
    with open_stores(folder, read=["restricted", "research"]) as connection:
        subject = ErasureScope("drop", [], [drop_id])
        return _plan(connection, folder, policy, subject, landed, 0)


def intent_of(
    folder: DataFolder, plan: Plan, now: datetime, due_on: date, erasure_id: str | None = None
) -> Intent:
    """The intent of a plan, with its fingerprints under a new key, and a new id unless it has one.

    `now` is the time in UTC, `due_on` the day for which the erasure was asked.
    """
    key = secrets.token_hex(KEY_BYTES)
    prints = fingerprints_of(key, plan.subject.crns, plan.identifiers, plan.texts)
    old = {name: Keys(folder.keys).fingerprint(name) for name in ("restricted", "research")}
    return Intent(
        erasure_id=erasure_id or new_erasure_id(),
        kind=plan.subject.kind,
        begun_at=now,
        asked_on=due_on,
        crns=list(plan.subject.crns),
        going_drops=list(plan.subject.going_drops),
        near_misses=plan.near_misses,
        old_keys={name: mark for name, mark in old.items() if mark},
        fingerprint_key=key,
        first_words=prints.first_words,
        fingerprints=prints.identifiers,
        tables=len(plan.rows),
        row_count=sum(plan.rows.values()),
        files=plan.files,
        bytes=plan.bytes,
        not_searched=plan.not_searched,
        texts=prints.texts,
        ordinary=plan.ordinary,
        quoted=plan.quoted,
    )


def _plan(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    subject: ErasureScope,
    landed: list[Path],
    not_searched: int,
) -> Plan:
    conditions = going(connection, policy, subject, "restricted")
    sealed = [folder.quarantine / sealed_path_name(drop) for drop in subject.going_drops]
    sealed = [path for path in sealed if path.exists()]
    people = _people_going(connection, conditions)
    near = _near_misses_going(connection, policy, conditions)
    leaving = values_going(connection, policy, conditions)
    texts = {text for text in leaving.texts if not product_words().hold(text)}
    identifiers = {*leaving.identifiers, *map(comparable, near), *people}
    files = [*sealed, *landed, *inventory(folder)[RESEARCH].files, folder.database("restricted")]
    there = [path for path in files if path.exists()]
    return Plan(
        subject=subject,
        rows=rows_going(connection, conditions, "restricted"),
        research_rows=_research_rows(connection, policy, people),
        near_misses=near,
        sealed=sealed,
        landed=landed,
        files=len(there),
        bytes=sum(path.stat().st_size for path in there),
        not_searched=not_searched,
        identifiers=frozenset(filter(None, identifiers)),
        texts=frozenset(texts),
        ordinary=len(leaving.texts) - len(texts),
        quoted=leaving.quoted,
        undecided=_undecided(connection, subject, near),
    )


def _sealed_with(
    folder: DataFolder, policy: Policy, crns: Collection[str]
) -> tuple[list[str], int]:
    """The sealed drops in which one of the CRNs stands, and how many cannot be searched."""
    pattern = python_crn_pattern(crns, policy.dpia.person_number)
    found, closed = [], 0
    for path in sorted(folder.quarantine.glob("*.sealed")):
        drop_id = path.name.removesuffix(".sealed")
        try:
            content = unseal(path, Keys(folder.keys).read(key_name(drop_id)))
        except (KeyMissingError, SealError):
            closed += 1
            continue
        texts = list(texts_of_file(content))
        if any(pattern.search(text) for text in texts):
            found.append(drop_id)
        elif any(_ENCRYPTED in text for text in texts):
            closed += 1
    return found, closed


def _people_going(
    connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str]
) -> frozenset[str]:
    """The pseudonyms that nobody has afterwards."""
    where = conditions.get("person_pseudonyms")
    if where is None:
        return frozenset()
    table = "restricted.person_pseudonyms"
    rows = connection.execute(
        f"SELECT person_id FROM {table} WHERE {where} "
        f"EXCEPT SELECT person_id FROM {table} WHERE NOT ({where})"
    ).fetchall()
    return frozenset(person for (person,) in rows)


def _near_misses_going(
    connection: duckdb.DuckDBPyConnection, policy: Policy, conditions: Mapping[str, str]
) -> list[str]:
    found: set[str] = set()
    for table in Catalogue(policy).of_store("restricted").values():
        if table.name in conditions and "near_miss_id" in table.columns:
            rows = connection.execute(
                f"SELECT near_miss_id FROM restricted.{table.name} WHERE {conditions[table.name]}"
            ).fetchall()
            found |= {name for (name,) in rows}
    return sorted(found)


def _undecided(
    connection: duckdb.DuckDBPyConnection, subject: ErasureScope, near_misses: Collection[str]
) -> int:
    """Near misses of a person whose mistyped CRN is not taken for theirs, and may be."""
    if subject.kind != "person" or "near_misses" not in tables_in(connection, "restricted"):
        return 0
    return one_number(
        connection,
        "SELECT count(*) FROM restricted.near_misses WHERE list_contains(?::VARCHAR[], "
        "near_miss_id) AND NOT list_contains(?::VARCHAR[], crn_sent)",
        [list(near_misses), list(subject.crns)],
    )


def _research_rows(
    connection: duckdb.DuckDBPyConnection, policy: Policy, people: Collection[str]
) -> int:
    there = tables_in(connection, "research")
    return sum(
        one_number(
            connection,
            f"SELECT count(*) FROM research.{quoted_name(table.name)} "
            f"WHERE list_contains(?::VARCHAR[], {table.pseudonym}::VARCHAR)",
            [list(people)],
        )
        for table in Catalogue(policy).of_store("research").values()
        if table.pseudonym is not None and table.name in there
    )
