"""The registers as one accessible workbook, with how each clock stood when it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime

import duckdb

from safer_streets_assets.accountability.breaches import running_clocks
from safer_streets_assets.accountability.clocks import local_time
from safer_streets_assets.accountability.contacts import missing_contacts
from safer_streets_assets.accountability.requests import open_requests
from safer_streets_assets.accountability.reviews import next_review
from safer_streets_assets.accountability.tables import BREACHES, CONTACTS, REGISTERS, Register
from safer_streets_assets.accountability.workbook import Sheet, accessible_workbook
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.lawful_basis import ARTICLES, basis_of, open_questions_in_words
from safer_streets_assets.retention import Holding, as_frame
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings.holding import shown_name
from safer_streets_assets.retention.records.exceptions import RetentionException, exceptions

Line = tuple[str, str, str]
"""Register, what waits, and whether its time is over: waiting, or over."""

WAITS, OVER = "waiting", "over"


def what_waits(
    connection: duckdb.DuckDBPyConnection, policy: Policy, now: datetime
) -> dict[str, list[Line]]:
    """What somebody has to do, by the check that says so: clocks, requests, the review, contacts.

    `now` is in UTC; the registers are attached and their tables made.
    """
    today = local_date(now, policy.dpia.evaluation.timezone)
    review = next_review(connection, policy, today)
    return {
        "breach_clocks": [
            ("Breaches", one.shown(now), OVER if one.is_over(now) else WAITS)
            for one in running_clocks(connection)
        ],
        "requests_are_answered": [
            ("Requests", one.shown(today), OVER if one.is_overdue(today) else WAITS)
            for one in open_requests(connection)
        ],
        "dpia_review_is_current": [
            (
                "DPIA reviews",
                f"next review of the DPIA: {review.shown}",
                OVER if review.state == "overdue" else WAITS,
            )
        ]
        if review.state in ("due", "overdue")
        else [],
        "contacts_are_named": [
            ("Contacts", f"no contact named for {one}", WAITS)
            for one in missing_contacts(connection, policy)
        ],
        "dpia_questions_are_answered": [
            ("Lawful basis", f"{policy.dpia.lawful_basis.asked} to answer: {one}", WAITS)
            for one in open_questions_in_words(policy.dpia.lawful_basis, policy.dpia.open_questions)
        ],
    }


def rows_of(
    connection: duckdb.DuckDBPyConnection, policy: Policy, register: Register
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Headings and rows of a register as they are shown, times in local time, oldest first."""
    zone = policy.dpia.evaluation.timezone
    parties = policy.dpia.accountability.parties
    found = connection.execute(f"SELECT * FROM registers.{register.table} ORDER BY rowid")
    names = [str(column[0]) for column in found.description or ()]
    rows = [tuple(_shown(value, zone) for value in row) for row in found.fetchall()]
    if register is CONTACTS:
        at = names.index("party")
        rows = [(*row[:at], parties.get(row[at], row[at]), *row[at + 1 :]) for row in rows]
    return [_heading(name) for name in names], rows


def registers_workbook(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    now: datetime,
    registers: Sequence[Register] = REGISTERS,
    holdings: Sequence[Holding] = (),
) -> bytes:
    """An accessible XLSX workbook of registers, with what waits as its first table.

    One of all registers has the `holdings` of the retention register and the exceptions to the
    schedule too.
    """
    evaluation = policy.dpia.evaluation
    waiting = [line for lines in what_waits(connection, policy, now).values() for line in lines]
    sheets = [
        Sheet(
            "What waits",
            "What somebody has to do",
            "Time left as it was when this workbook was written.",
            ("Register", "What", "State"),
            waiting,
        )
    ]
    if set(REGISTERS) <= set(registers):
        sheets.append(_lawful_basis(policy))
        sheets += [_holdings(policy, holdings), _exceptions(connection, policy)]
    for register in registers:
        columns, rows = rows_of(connection, policy, register)
        note = f"{register.about} An empty cell: nothing is recorded."
        if register is BREACHES:
            severities = policy.dpia.accountability.breach_severities.items()
            note += " Severity: " + "; ".join(f"{name}: {what}" for name, what in severities) + "."
        sheets.append(Sheet(register.title, register.title, note, columns, rows))
    about = [
        f"{evaluation.data_controller}, {evaluation.unit}.",
        f"Written {local_time(now, evaluation.timezone)}; times are those of "
        f"{evaluation.timezone}.",
        "These registers hold no personal data on offenders. Contacts are roles and work addresses "
        "of staff.",
    ]
    title = f"{evaluation.name}: accountability registers"
    return accessible_workbook(title, about, sheets, evaluation.unit, "OFFICIAL")


def _lawful_basis(policy: Policy) -> Sheet:
    """The lawful basis of each source: in the DPIA's words, in the code, and what is open."""
    rules = policy.dpia.lawful_basis
    opened = {(one.source, one.article) for one in policy.dpia.open_questions}
    answered = {
        (
            name,
            answer.article,
        ): f"answered {answer.answered_on:%d/%m/%Y} by {answer.by}: {answer.why}"
        for answer in rules.answers
        for name in answer.sources
    }
    return Sheet(
        "Lawful basis",
        "Lawful basis of each source",
        f"The DPIA's words are those of {rules.place}; {rules.beside}. What is open is for the "
        f"{rules.asked}.",
        ("Source", "Controller", "Processor", "Article", "DPIA", "Code holds to", "Question"),
        [
            (
                name,
                source.controller,
                source.processor or "",
                article,
                rules.words_of(name, article) or "",
                basis_of(source, article),
                "open" if (name, article) in opened else answered.get((name, article), ""),
            )
            for name, source in policy.dpia.sources.items()
            for article in ARTICLES
        ],
    )


def _holdings(policy: Policy, holdings: Sequence[Holding]) -> Sheet:
    """The retention register, as the asset of that name describes it."""
    found = as_frame([replace(one, holding=shown_name(one.holding)) for one in holdings]).astype(
        object
    )
    zone = policy.dpia.evaluation.timezone
    return Sheet(
        "Holdings",
        "Holdings: the retention register",
        "Everything that is held, where, why it may be and until when, as it was when this "
        "workbook was written. An empty cell: does not apply, or cannot be counted.",
        [_heading(name) for name in found.columns],
        [
            tuple(_shown(value, zone) for value in row)
            for row in found.where(found.notna(), None).itertuples(index=False)
        ],
    )


def _exceptions(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Sheet:
    """What exceptions keep from erasure, those that stand first."""
    names = [field.name for field in fields(RetentionException)]
    zone = policy.dpia.evaluation.timezone
    return Sheet(
        "Exceptions",
        "Exceptions to the retention schedule",
        "What exceptions keep from erasure, why, who decided it and when that is looked at again. "
        "An empty cell: the exception stands.",
        [_heading(name) for name in names],
        [
            tuple(_shown(getattr(one, name), zone) for name in names)
            for one in exceptions(connection)
        ],
    )


def _heading(column: str) -> str:
    return column.replace("_", " ").replace(" id", " number").capitalize().replace("Dpia", "DPIA")


def _shown(value: object, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local_time(value, zone)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)
