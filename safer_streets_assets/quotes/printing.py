"""Which quotes may be printed today, judged anew for every release: it trusts no decision alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.name_decisions import existing_question_key
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.objected import objected_quotes
from safer_streets_assets.quotes.questions import AskedQuestion, question_of, questions
from safer_streets_assets.quotes.quotable import QuotableTexts, quotable_texts
from safer_streets_assets.quotes.records import (
    APPROVED,
    Quote,
    approved_words,
    quotes_held,
    words_id,
)
from safer_streets_assets.quotes.wording import why_no_quote

TOO_FEW = "too few people answered its question so far"


@dataclass(frozen=True)
class PrintedQuote:
    """A quote as a release prints it: nothing of whoever wrote it but the words, what they were
    asked, and that they consented."""

    source: str
    source_title: str
    field: str
    asked: str
    words: str
    consent: str
    consent_says: str


@dataclass(frozen=True)
class QuoteJudge:
    """What a quote is held against: the texts of today, objections, and the registers."""

    policy: Policy
    texts: QuotableTexts
    key: str = dataclasses.field(repr=False)
    objected: frozenset[str]
    recorded: Mapping[str, str]

    @classmethod
    def of(
        cls,
        connection: duckdb.DuckDBPyConnection,
        policy: Policy,
        texts: QuotableTexts,
        key: str,
    ) -> QuoteJudge:
        """The judge of today; the restricted store and the registers are attached."""
        quotes = quotes_held(connection)
        objected = objected_quotes(connection, policy, quotes)
        return cls(policy, texts, key, objected, approved_words(connection))

    def why_not_printed(self, quote: Quote) -> str | None:
        """Why a quote is not printed; None when it is."""
        if quote.state != APPROVED:
            return f"it is {quote.state}"
        asked = self.policy.dpia.quotes.approval
        same = quote.approved is not None and quote.approved.uid == quote.proposed.uid
        if asked == "two-person" and same:
            return "one person proposed and approved it, and the policy asks for two"
        on_record = self.recorded.get(quote.quote_id)
        if on_record is None:
            return "the approval is not on the registers yet: run safer-streets quotes list"
        words = quote.words_hash
        if quote.approved_hash != words or on_record != words_id(self.key, words):
            return "its words are not those that were approved"
        return self.of_words(quote)

    def of_words(self, quote: Quote) -> str | None:
        """Why the words of a quote may not be printed, whoever approved them; None when they
        may."""
        if question_of(self.policy, quote.source, quote.field) is None:
            return "its field is no longer agreed"
        if quote.consent not in self.policy.dpia.quotes.consents_of(quote.source):
            return "the policy no longer has its consent"
        if quote.quote_id in self.objected:
            return "whoever wrote it, or is written about, has objected"
        text = self.texts.by_id.get(quote.text_id)
        if text is None:
            return "its text is no longer held as it was"
        if not text.holds(quote.words) or text.names_in(quote.words):
            return "its words name, or may name, somebody who is held now"
        if (why := why_no_quote(self.policy, quote.words)) is not None:
            return f"its words have {why}"
        answered = self.texts.answered.get((quote.source, quote.field), 0)
        return None if answered >= self.policy.dpia.quotes.least_answers else TOO_FEW


def printable_quotes(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[PrintedQuote]:
    """The quotes that a release prints today, in the order of their questions and words.

    The restricted store and the registers are attached for reading.
    """
    approved = [quote for quote in quotes_held(connection) if quote.state == APPROVED]
    key = existing_question_key(connection)
    if not approved or key is None:
        return []
    judge = QuoteJudge.of(connection, policy, quotable_texts(connection, policy, key), key)
    asked = {(one.source, one.field): (at, one) for at, one in enumerate(questions(policy))}
    found = {}
    for quote in approved:
        if judge.why_not_printed(quote) is None:
            at, question = asked[quote.source, quote.field]
            # Two people who said the same are printed once: how many did is a count.
            found[at, quote.words, quote.consent] = _printed(policy, quote, question)
    return [found[place] for place in sorted(found)]


def _printed(policy: Policy, quote: Quote, question: AskedQuestion) -> PrintedQuote:
    return PrintedQuote(
        source=quote.source,
        source_title=question.source_title,
        field=quote.field,
        asked=question.asked,
        words=quote.words,
        consent=quote.consent,
        consent_says=policy.dpia.quotes.consents[quote.consent].says,
    )
