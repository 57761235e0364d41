"""Subject access: everything held on a person, from every store, with what must be said of it.

What is the person's own is given whole, but for texts that name somebody else. What may be theirs
is given by the rules of `may_be`. What could not be looked into is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import duckdb

from safer_streets_assets.cohort.person import Person, find_person, pseudonyms_of
from safer_streets_assets.intake.anonymity import known_names
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import Holding, retention_register
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.after_waiting import people_to_be_erased
from safer_streets_assets.retention.holdings.holding import WAITING
from safer_streets_assets.retention.holdings.inventory import QUARANTINE_PREFIX, RESTRICTED
from safer_streets_assets.rights.answer_parts import (
    AnswerPart,
    PartBuilder,
    TextRow,
    Withheld,
    withhold,
)
from safer_streets_assets.rights.possible_rows import Undecided, may_be_theirs
from safer_streets_assets.rights.rows_held import derived_parts, raw_parts, source_part
from safer_streets_assets.rights.set_aside import WHY, SetAside, rows_set_aside
from safer_streets_assets.rights.stated_identity import own_names
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import one_number, tables_in
from safer_streets_assets.stores.registers import evaluation_closed


@dataclass(frozen=True)
class AccessRequest:
    """A request: its random id, the day it was received, the day its answer is due."""

    request_id: str
    received_on: date
    due_on: date


@dataclass(frozen=True)
class Answer:
    """Everything that is held on a person. The repr holds no CRN and no row."""

    asked: AccessRequest
    made_at: datetime
    crn: str = field(repr=False)
    held: list[AnswerPart]
    may_be: list[AnswerPart]
    undecided: list[Undecided]
    not_searched: list[str]
    notes: list[str]
    withheld: list[Withheld]

    @property
    def nothing_is_held(self) -> bool:
        """Whether nothing is the person's, nor may be."""
        return not (self.held or self.may_be or self.undecided)


def answer_of(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    crn: str,
    asked: AccessRequest,
    now: datetime,
    today: date,
) -> Answer:
    """The answer to a request about a normalised CRN.

    The registers are attached, and of the other stores those that there are; nothing is written.
    `now` is in UTC.

    Raises:
        PersonError: whose the rows under the CRN are is to be settled first, or a decision of the
            review is not in the data yet.
    """
    person = find_person(connection, policy, crn)
    ids = person.crns | pseudonyms_of(connection, person)
    lines = retention_register(folder, connection, policy, today)
    register = PartBuilder({line.holding: line for line in lines}, policy)
    aside = list(rows_set_aside(connection, policy))
    found = may_be_theirs(connection, policy, person, aside)
    held = [
        *raw_parts(connection, policy, register, person.crns),
        *_set_aside_parts(policy, register, [one for one in aside if one.crn in person.crns]),
        *derived_parts(connection, policy, register, ids),
    ]
    may_be = [
        *_loaded_parts(policy, register, found.loaded),
        *_set_aside_parts(policy, register, found.set_aside),
    ]
    others = _names_of_others(connection, policy, [*held, *may_be])
    held, kept_back = _held_back(policy, held, others)
    may_be, more = _held_back(policy, may_be, others)
    return Answer(
        asked=asked,
        made_at=now,
        crn=crn,
        held=held,
        may_be=may_be,
        undecided=found.undecided,
        not_searched=list(_not_searched(lines)),
        notes=[*_notes(connection, folder, policy, person, lines), *_of_returns(held)],
        withheld=[*kept_back, *more],
    )


def _set_aside_parts(
    policy: Policy, register: PartBuilder, found: list[SetAside]
) -> Iterator[AnswerPart]:
    for name, source in policy.sources.items():
        rows = [one.row for one in found if one.source == name]
        if rows:
            what = f"{source.title}: rows set aside"
            part = source_part(register, name, source, what, rows, "set_aside_rows")
            yield replace(part, columns={**part.columns, WHY: "Rule it breaks"})


def _loaded_parts(
    policy: Policy, register: PartBuilder, found: list[tuple[str, TextRow]]
) -> Iterator[AnswerPart]:
    for name, source in policy.sources.items():
        rows = [row for where, row in found if where == name]
        if rows:
            what = f"{source.title}: rows under another CRN"
            yield source_part(register, name, source, what, rows)


def _names_of_others(
    connection: duckdb.DuckDBPyConnection, policy: Policy, parts: list[AnswerPart]
) -> set[frozenset[str]]:
    """Every name of the raw tables but those that the parts give the person."""
    there = set(tables_in(connection, "restricted"))
    if not {raw_table(name) for name in policy.sources} <= there:
        return set()
    rows = [
        (policy.sources[part.legal.source], row)
        for part in parts
        if part.legal.source in policy.sources
        for row in part.rows
    ]
    return known_names(connection, policy) - own_names(rows)


def _held_back(
    policy: Policy, parts: list[AnswerPart], others: set[frozenset[str]]
) -> tuple[list[AnswerPart], list[Withheld]]:
    shown: list[AnswerPart] = []
    withheld: list[Withheld] = []
    for part in parts:
        source = policy.sources.get(part.legal.source)
        columns = [f.name for f in source.fields if f.names_others] if source else []
        kept, back = withhold(part, columns, others if part.store == "restricted" else ())
        shown.append(kept)
        withheld += back
    return shown, withheld


def _not_searched(lines: list[Holding]) -> Iterator[str]:
    """What lies there and could not be looked into, in sentences."""
    sealed = [line for line in lines if line.holding.startswith(QUARANTINE_PREFIX) and line.files]
    for source, files in sorted(Counter(line.legal.source for line in sealed).items()):
        due = [line.clock.due_on for line in sealed if line.legal.source == source]
        until = max((day for day in due if day is not None), default=None)
        when = f" They are erased by {until:%d/%m/%Y}." if until else ""
        yield (
            f"{files} sealed files of {source} could not be taken in, or are held: they cannot be "
            f"read here, so whether you are in them is not known.{when}"
        )
    waiting = sum(line.files for line in lines if line.holding == WAITING)
    if waiting:
        yield (
            f"{waiting} files have arrived and are not read yet: whether you are in them is not "
            "known."
        )


def _notes(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    person: Person,
    lines: list[Holding],
) -> Iterator[str]:
    rights = policy.dpia.rights
    yield f"Purpose: {rights.purpose}"
    yield (
        "Releases (the published tables) hold no personal data: they are counts of people, from "
        "which nobody can be worked out."
    )
    yield "Backups of the data are kept apart from it and were not searched."
    if evaluation_closed(connection):
        erased = [line.clock.due_on for line in lines if line.holding == RESTRICTED]
        on = f", due on {erased[0]:%d/%m/%Y}," if erased and erased[0] else ""
        yield f"The personal data of the evaluation was erased{on} and nothing more is taken in."
    erasing = people_to_be_erased(connection, folder, policy)
    if days := [on for crn, on in erasing.items() if crn in person.crns]:
        how = "is done on" if min(days) > today_of(policy) else "was due on"
        yield (
            f"It was asked that what is held on you be erased, which {how} {min(days):%d/%m/%Y}; "
            "this answer is given from what is held until that is done."
        )
    yield from _of_the_review(connection, person)
    yield rights.objection
    yield rights.complaint


def _of_the_review(connection: duckdb.DuckDBPyConnection, person: Person) -> Iterator[str]:
    """What the review of mistyped CRNs holds on the person, without anybody else's CRN."""
    there = tables_in(connection, "restricted")
    accepted = len(person.crns) - 1
    if accepted:
        yield (
            f"{accepted} other CRN(s) were accepted by our staff as yours, mistyped: rows sent "
            "under them are given as yours."
        )
    listed = "SELECT count(*) FROM restricted.near_misses WHERE crn_sent = ?"
    if "near_misses" in there and one_number(connection, listed, [person.crn]):
        yield "Your CRN is on the list of CRNs that may be mistyped, on which our staff decide."


def _of_returns(held: list[AnswerPart]) -> Iterator[str]:
    if any(part.table == "set_aside_rows" for part in held):
        yield (
            "Values of rows set aside may lie in a sealed workbook, too, that goes back to the "
            "agency that sent them, for correction."
        )
