"""Rows that may be a person's though their CRN is not: near misses, and rows without a CRN.

The content of such a row is given only where it fits what NPS sent of the person (`facts`), and,
for a loaded row, the review of near misses lists its CRN as theirs and nobody has objected under
it. Of any other nothing is given but that it is there, and an operator decides. A near miss that
was rejected, or accepted as somebody else's, is not the person's and is left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import duckdb

from safer_streets_assets.cohort.person import Person, objected_under, people_meant
from safer_streets_assets.cohort.reviews import OPEN, near_misses
from safer_streets_assets.intake.anonymity import KnownNames, plain_words
from safer_streets_assets.intake.crn import holds_this_crn, is_one_slip_away
from safer_streets_assets.intake.fields import CRN_KEY, define_macros
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.rights.answer_parts import TextRow
from safer_streets_assets.rights.rows_held import raw_rows
from safer_streets_assets.rights.set_aside import SetAside
from safer_streets_assets.rights.stated_identity import Facts, facts_of, is_own_name, own_names
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.sql_files import quoted_name


@dataclass(frozen=True)
class Undecided:
    """Rows of a source that may be the person's, of which nothing is given; why, in a sentence."""

    source: str
    rows: int
    why: str


@dataclass(frozen=True)
class MayBe:
    """What may be the person's: rows by source that fit them, and rows an operator decides on."""

    loaded: list[tuple[str, TextRow]] = field(repr=False)
    set_aside: list[SetAside] = field(repr=False)
    undecided: list[Undecided]


SLIP = "its CRN is one slip away from yours"
NAMED = "a text written about somebody else, or about nobody, holds your name or CRN"


def may_be_theirs(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    person: Person,
    aside: list[SetAside],
) -> MayBe:
    """Looks for the person under other CRNs and in what others' rows say of them.

    The restricted store and the registers are attached for reading.
    """
    define_macros(connection)
    there = tables_in(connection, "restricted")
    named = [
        (policy.sources[name], row)
        for name in policy.sources
        if raw_table(name) in there and policy.sources[name].crn_field is not None
        for row in raw_rows(connection, name, policy.sources[name], person.crns)
    ]
    names = {name for name in own_names(named) if len(name) >= 2}
    known = [
        facts_of(connection, policy, source, row)
        for source, row in named
        if source is policy.sources[policy.dpia.people_source]
    ]
    undecided: Counter[tuple[str, str]] = Counter()
    loaded: list[tuple[str, TextRow]] = []
    for name, row, is_listed in _near_rows(connection, policy, person):
        fits = is_listed and _fits(connection, policy, name, row, known)
        if fits:
            loaded.append((name, row))
        else:
            undecided[name, SLIP] += 1
    near: list[SetAside] = []
    for one in aside:
        if one.crn in person.crns:
            continue
        if one.crn is not None and is_one_slip_away(one.crn, person.crn):
            if _fits(connection, policy, one.source, one.row, known):
                near.append(one)
            else:
                undecided[one.source, SLIP] += 1
        elif one.crn is None and _is_named_and_fits(connection, policy, one, known, names):
            undecided[one.source, _no_crn(policy)] += 1
    for name in _mentions(connection, policy, person, names):
        undecided[name, NAMED] += 1
    found = [Undecided(name, rows, why) for (name, why), rows in sorted(undecided.items())]
    return MayBe(loaded, near, found)


def _no_crn(policy: Policy) -> str:
    """Why a row without a CRN may be the person's."""
    return f"it has no CRN, and your name and {policy.dpia.cohort.same_person.certain_words}"


def _near_rows(
    connection: duckdb.DuckDBPyConnection, policy: Policy, person: Person
) -> list[tuple[str, TextRow, bool]]:
    """Loaded rows of CRNs one slip away: source, row, whether the review lists it as theirs."""
    there = tables_in(connection, "restricted")
    listed = near_misses(connection) if "near_misses" in there else []
    theirs = {one.crn_sent: one.state for one in listed if one.crn_meant == person.crn}
    open_ones = {crn for crn, state in theirs.items() if state == OPEN}
    open_ones -= objected_under(connection, open_ones)
    settled = {crn for crn, state in theirs.items() if state != OPEN}
    settled |= people_meant(connection, policy).keys()
    found = []
    for name, source in policy.sources.items():
        if raw_table(name) not in there or CRN_KEY not in raw_columns(source):
            continue
        crns = connection.execute(
            f"SELECT DISTINCT {CRN_KEY} FROM restricted.{raw_table(name)}"
        ).fetchall()
        for (crn,) in sorted(crns):
            if crn in person.crns or crn in settled or not is_one_slip_away(crn, person.crn):
                continue
            rows = raw_rows(connection, name, source, frozenset({crn}))
            found += [(name, row, crn in open_ones) for row in rows]
    return found


def _fits(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    row: TextRow,
    known: list[Facts],
) -> bool:
    stated = facts_of(connection, policy, policy.sources[name], row)
    return any(stated.fit(one) for one in known)


def _is_named_and_fits(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    one: SetAside,
    known: list[Facts],
    names: set[frozenset[str]],
) -> bool:
    source = policy.sources[one.source]
    texts = [one.row.get(field.name) for field in source.fields if is_own_name(field)]
    same = any(text and frozenset(plain_words(text)) in names for text in texts)
    return same and _fits(connection, policy, one.source, one.row, known)


def _mentions(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    person: Person,
    names: set[frozenset[str]],
) -> list[str]:
    """The source of each row of somebody else, or of nobody, whose free text names the person."""
    there = tables_in(connection, "restricted")
    people = KnownNames(names)
    found = []
    for name, source in policy.sources.items():
        texts = [field.name for field in source.fields if field.field_class == "free text"]
        if raw_table(name) not in there or not texts:
            continue
        others = f"NOT list_contains(?, {CRN_KEY})" if source.crn_field is not None else "true"
        columns = ", ".join(map(quoted_name, texts))
        rows = connection.execute(
            f"SELECT {columns} FROM restricted.{raw_table(name)} WHERE {others}",
            [sorted(person.crns)] if source.crn_field is not None else [],
        ).fetchall()
        found += [
            name
            for row in rows
            for text in [" / ".join(text for text in row if text)]
            if people.any_in(text)
            or any(holds_this_crn(text, crn, policy.dpia.person_number) for crn in person.crns)
        ]
    return found
