"""A cohort that answered a question in its own words, and operators who quote from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb

from safer_streets_assets.intake.name_decisions import question_key
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.deciding import approve, propose
from safer_streets_assets.quotes.printing import QuoteJudge, printable_quotes
from safer_streets_assets.quotes.quotable import QuotableText, QuotableTexts, quotable_texts
from safer_streets_assets.quotes.records import Quote, ensure_quotes, quotes_held
from safer_streets_assets.rights.objections import ensure_objections
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.who import SystemUser
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    NPS,
    build_cohort,
    load_rows,
    people_rows,
)

NOW = datetime(2021, 2, 1, 9, 30)
ADA, BEN = SystemUser(1001, "ada"), SystemUser(1002, "ben")
CONSENT = "asked_in_writing"
SAID = "The sessions helped me think before I act"
FIRST = 50
"""The number of the first of those who answered."""


def answer(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    *texts: str,
    people: int = 12,
    drop: int = 1,
) -> None:
    """People answer what they would change: the first so many with these texts, the rest alike.
    One more is held under a name that nobody else has."""
    rows = people_rows(ATTENDEE, people, first=FIRST, wave="2", M2="More of the same please")
    for row, text in zip(rows, texts, strict=False):
        row["M2"] = text
    load_rows(connection, ATTENDEE, rows, drop=drop)
    if drop == 1:
        held = people_rows(NPS, people, first=FIRST, **{"Offender Name": "FENWICK, Darnell"})
        load_rows(connection, NPS, held)
    prepare(connection, folder)


def prepare(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """The tables that a run makes."""
    build_cohort(connection, folder, NPS, ATTENDEE)
    ensure_registers(connection)
    ensure_quotes(connection)
    ensure_objections(connection)
    connection.execute(read_sql("texts", "masked_words"))


def texts_of(connection: duckdb.DuckDBPyConnection, policy: Policy) -> QuotableTexts:
    """The texts that may be quoted."""
    return quotable_texts(connection, policy, question_key(connection))


def the_text(connection: duckdb.DuckDBPyConnection, policy: Policy, begins: str) -> QuotableText:
    """The one whose masked text begins so."""
    found = texts_of(connection, policy).by_id.values()
    return next(one for one in found if one.masked.startswith(begins))


def proposed(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    begins: str = SAID,
    passage: str | None = None,
    who: SystemUser = ADA,
    consent: str = CONSENT,
) -> Quote:
    """A text, or a passage of it, proposed."""
    text, key = the_text(connection, policy, begins), question_key(connection)
    return propose(connection, policy, text, passage, consent, who, key, NOW)


def approved(
    connection: duckdb.DuckDBPyConnection, policy: Policy, quote: Quote, who: SystemUser = BEN
) -> Quote:
    """A quote as it stands once somebody approved it."""
    key, texts = question_key(connection), texts_of(connection, policy)
    approve(connection, policy, quote, texts, who, key, NOW)
    return next(one for one in quotes_held(connection) if one.quote_id == quote.quote_id)


def printed(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[str]:
    """The words that a release prints today."""
    return [one.words for one in printable_quotes(connection, policy)]


def why_not(connection: duckdb.DuckDBPyConnection, policy: Policy, quote: Quote) -> str | None:
    """Why a quote, as it stands now, is not printed."""
    now = next(one for one in quotes_held(connection) if one.quote_id == quote.quote_id)
    judge = QuoteJudge.of(
        connection, policy, texts_of(connection, policy), question_key(connection)
    )
    return judge.why_not_printed(now)


def with_quotes(policy: Policy, **changes: Any) -> Policy:
    """The policy with other rules for quotes."""
    quotes = policy.dpia.quotes.model_copy(update=changes)
    return replace(policy, dpia=policy.dpia.model_copy(update={"quotes": quotes}))
