"""What operators decide: to propose a passage, to approve its exact words, to withdraw it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import duckdb

from safer_streets_assets.intake.name_decisions import existing_question_key
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.errors import QuoteError
from safer_streets_assets.quotes.objected import objected_quotes
from safer_streets_assets.quotes.printing import TOO_FEW, QuoteJudge
from safer_streets_assets.quotes.quotable import QuotableText, QuotableTexts
from safer_streets_assets.quotes.records import (
    PROPOSED,
    WITHDRAWN,
    Quote,
    add_quote,
    complete_records,
    mark_approved,
    mark_withdrawn,
    new_quote_id,
    quotes_held,
)
from safer_streets_assets.quotes.wording import one_line, why_no_quote
from safer_streets_assets.stores.who import SystemUser

_SHORTEN = "give a passage without it with --passage"


def propose(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    text: QuotableText,
    passage: str | None,
    consent: str,
    who: SystemUser,
    key: str,
    now: datetime,
) -> Quote:
    """Proposes a text as it is masked, or a passage of that, to be printed; returns the quote.

    `key` is that of the questions of names. The restricted store and the registers are attached for
    writing, their tables made.

    Raises:
        QuoteError: there is no such consent for the source, the words are none that may be printed
            or no passage of the text, somebody may be named in them, the person has objected, or
            the same stands already.
    """
    _refuse_consent(policy, text.source, consent)
    words = text.masked if passage is None else one_line(passage)
    if not text.holds(words):
        raise QuoteError(
            "The words are no passage of the text as it is masked: copy them from safer-streets "
            "quotes texts --out, whole words and whole masks, without a change."
        )
    if (why := why_no_quote(policy, words)) is not None:
        raise QuoteError(f"The words of a quote have {why}; {_SHORTEN}.")
    if text.names_in(words):
        raise QuoteError(
            f"In the words by themselves something is, or may be, somebody's name or number; "
            f"{_SHORTEN}."
        )
    quote = Quote(
        quote_id=new_quote_id(),
        source=text.source,
        field=text.field,
        crn_key=text.crn_key,
        drop_id=text.drop_id,
        text_id=text.text_id,
        words=words,
        consent=consent,
        proposed=who,
    )
    for one in quotes_held(connection):
        if one.state != WITHDRAWN and (one.text_id, one.words) == (quote.text_id, quote.words):
            raise QuoteError(f"These words are {one.state} already, as quote {one.quote_id}.")
    if objected_quotes(connection, policy, [quote]):
        raise QuoteError("Whoever wrote it, or is written about, has objected: no quote of them.")
    add_quote(connection, quote, key, now)
    return quote


def approve(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    quote: Quote,
    texts: QuotableTexts,
    who: SystemUser,
    key: str,
    now: datetime,
) -> None:
    """Approves the words that a quote has here, as they were shown.

    Raises:
        QuoteError: it is not one that waits, the same person proposed it and the policy asks for
            two, or it could not be printed.
    """
    refuse_to_approve(policy, quote, who)
    judge = QuoteJudge.of(connection, policy, texts, key)
    why = judge.of_words(quote)
    if why is not None and why != TOO_FEW:
        raise QuoteError(f"Quote {quote.quote_id} cannot be approved: {why}.")
    mark_approved(connection, quote, who, key, now)


def refuse_to_approve(policy: Policy, quote: Quote, who: SystemUser) -> None:
    """Raises `QuoteError` when a quote does not wait, or when this operator may not approve it."""
    if quote.state != PROPOSED:
        raise QuoteError(f"Quote {quote.quote_id} is {quote.state}: it does not wait for anybody.")
    if policy.dpia.quotes.approval == "two-person" and quote.proposed.uid == who.uid:
        raise QuoteError(
            "You proposed this quote: another user of the system has to approve it (quotes.approval"
            " of dpia.yaml is two-person)."
        )


def withdraw(
    connection: duckdb.DuckDBPyConnection, quote: Quote, who: SystemUser, key: str, now: datetime
) -> None:
    """Withdraws a quote that was proposed or approved.

    Raises:
        QuoteError: it is withdrawn already.
    """
    if quote.state == WITHDRAWN:
        raise QuoteError(f"Quote {quote.quote_id} is withdrawn already.")
    mark_withdrawn(connection, [quote.quote_id], who, key, now)


def withdraw_of(
    connection: duckdb.DuckDBPyConnection,
    crns: Collection[str],
    drop_ids: Collection[str],
    who: SystemUser,
    now: datetime,
) -> int:
    """Withdraws every quote of the rows with some CRNs or of some drops; returns how many.

    The restricted store and the registers are attached for writing.
    """
    found = [one for one in quotes_held(connection) if one.state != WITHDRAWN]
    theirs = [one for one in found if one.crn_key in crns or one.drop_id in drop_ids]
    return _withdraw(connection, theirs, who, now)


def settle(
    connection: duckdb.DuckDBPyConnection, policy: Policy, who: SystemUser, now: datetime
) -> int:
    """Writes what killed commands left out of the registers, and withdraws the quotes of whoever
    has objected; returns how many. Both stores are attached for writing."""
    complete_records(connection)
    standing = [one for one in quotes_held(connection) if one.state != WITHDRAWN]
    objected = objected_quotes(connection, policy, standing)
    return _withdraw(connection, [one for one in standing if one.quote_id in objected], who, now)


def _withdraw(
    connection: duckdb.DuckDBPyConnection, quotes: Sequence[Quote], who: SystemUser, now: datetime
) -> int:
    key = existing_question_key(connection) if quotes else None
    if key is None:
        return 0
    mark_withdrawn(connection, [one.quote_id for one in quotes], who, key, now)
    return len(quotes)


def _refuse_consent(policy: Policy, source: str, code: str) -> None:
    fitting = policy.dpia.quotes.consents_of(source)
    if code not in fitting:
        raise QuoteError(
            "Nothing is quoted without consent: say with --consent which one there is, one of "
            f"{', '.join(fitting) or 'those that the policy has for the source, which are none'}."
        )
