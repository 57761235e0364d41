"""What can be proposed as a quote, and what is refused."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.errors import QuoteError
from safer_streets_assets.quotes.wording import is_passage, why_no_quote
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS, crn, every_text, fetch, load_rows, people_rows
from safer_streets_assets_tests.quotes.quoting import (
    CONSENT,
    SAID,
    answer,
    approved,
    prepare,
    printed,
    proposed,
)


def test_whoever_is_held_is_masked_in_the_words_that_are_proposed(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, f"Darnell Fenwick was great, {crn(50)} that is on 07700 900123")
    quote = proposed(memory, policy, "[NAME]")
    assert quote.words == "[NAME] was great, [CRN] that is on [PHONE]"


@pytest.mark.parametrize("consent", ["", "none", "form_says_so"])
def test_a_quote_without_a_consent_that_fits_its_source_is_refused(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, consent: str
) -> None:
    answer(memory, folder, SAID)
    with pytest.raises(QuoteError, match="Nothing is quoted without consent"):
        proposed(memory, policy, consent=consent)


@pytest.mark.parametrize(
    "passage",
    [
        "The sessions helped you",  # changed
        "sessions helped me think before I ac",  # ends in a word
        "NAME] said so, and it helped",  # cuts a mask
        "Fenwick said so, and it helped",  # as it was written
    ],
)
def test_only_whole_words_and_masks_of_the_masked_text_are_a_passage(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, passage: str
) -> None:
    answer(memory, folder, f"{SAID}. Fenwick said so, and it helped")
    with pytest.raises(QuoteError, match="no passage"):
        proposed(memory, policy, passage=passage)


def test_a_text_is_shortened_to_a_passage_of_it(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, f"{SAID}.\n  Fenwick said so, and it helped")
    assert proposed(memory, policy, passage="[NAME] said so,\n and it helped").words == (
        "[NAME] said so, and it helped"
    )


def test_what_may_be_a_name_in_the_passage_by_itself_is_refused(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 1, first=90, **{"Offender Name": "GRACE, May"}), drop=3)
    text = "It was in May and all went well for us"
    answer(memory, folder, text)
    with pytest.raises(QuoteError, match="may be, somebody's name"):
        proposed(memory, policy, "It was", "May and all went well")
    assert proposed(memory, policy, "It was").words == text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("=SUM of all that was said", "formula"),
        ("I was 19 and knew it all", "number"),
        ("They moved me to Croydon in the end", "borough"),
        ("The judge at Thames Magistrates' Court said so", "court"),
        ("Call me at home, jo@example.org is best", "looks like"),
        ("[NAME], [CRN].", "a word that is not masked"),
        ("Zero\u200bwidth marks can hide a name", "can be seen"),
        ("two\nlines of it here", "one line"),
        ("word " * 100 + "end", "characters or fewer"),
        ("They moved me to Tower-Hamlets in the end", "borough"),
        ("I was 1 9 and knew it all", "number"),
        ("I was 1-9 and knew it all", "number"),
        ("My mate A b e r n a t h y was great", "letter by letter"),
        ("My mate Br\ufe0fadley was great", "Latin letters"),
        ("My mate B\u20d0radley was great", "Latin letters"),
        ("My mate \u041aar\u0435n was great", "Latin letters"),
        ("My mate \u1d00\u0299\u1d07\u0280 was great", "Latin letters"),
        ("My CRN X\u0661\u0662\u0663\u0664\u0665\u0666 was wrong", "Latin letters"),
        ("I was \uff12\uff15 and knew it all", "Latin letters"),
        ("I was \u2169\u2168 and knew it all", "Latin letters"),
        ("As</b>hley was great", "Latin letters"),
        ("As*hley was great", "Latin letters"),
    ],
)
def test_words_that_tell_of_somebody_or_break_a_file_are_no_quote(
    policy: Policy, words: str, why: str
) -> None:
    assert why in (why_no_quote(policy, words) or "")


def test_plain_words_are_a_quote(policy: Policy) -> None:
    assert why_no_quote(policy, "[NAME] listened, and all 9 of us learnt a lot") is None
    assert (
        why_no_quote(policy, "It\u2019s \u201cgreat\u201d \u2013 my caf\u00e9 job, I mean!") is None
    )
    assert is_passage("it is", "what it is, it is")


def test_the_same_words_stand_once_and_can_be_proposed_again_when_withdrawn(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    first = proposed(memory, policy)
    with pytest.raises(QuoteError, match=first.quote_id):
        proposed(memory, policy)
    memory.execute("UPDATE restricted.quotes SET withdrawn_by = 'ada', withdrawn_at = now()")
    assert proposed(memory, policy).quote_id != first.quote_id


def test_no_word_of_a_quote_stands_outside_the_restricted_store(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    quote = approved(memory, policy, proposed(memory, policy))
    assert any(SAID in text for text in every_text(memory, "restricted"))
    assert not any("sessions helped" in text for text in every_text(memory, "registers"))
    assert not any(quote.words_hash in text for text in every_text(memory, "registers"))
    assert "helped" not in repr(quote)
    lines = fetch(
        memory,
        "SELECT decision, source, field, consent, decided_by FROM registers.quote_decisions "
        "ORDER BY decision DESC",
    )
    assert lines == [
        ("proposed", "ors_attendee_survey", "m2", CONSENT, "ada"),
        ("approved", "ors_attendee_survey", "m2", CONSENT, "ben"),
    ]
    prepare(memory, folder)
    assert printed(memory, policy) == [SAID]
