"""A quote is printed only while all that it rests on holds."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.cohort.reviews import ensure_review_tables
from safer_streets_assets.intake.name_decisions import question_key
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes import records
from safer_streets_assets.quotes.deciding import propose, settle, withdraw, withdraw_of
from safer_streets_assets.quotes.errors import QuoteError
from safer_streets_assets.quotes.records import (
    complete_records,
    quotes_digest,
    quotes_held,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS, crn, fetch, load_rows, people_rows
from safer_streets_assets_tests.quotes.quoting import (
    ADA,
    BEN,
    CONSENT,
    FIRST,
    NOW,
    SAID,
    answer,
    approved,
    prepare,
    printed,
    proposed,
    texts_of,
    why_not,
    with_quotes,
)


def test_a_quote_is_printed_from_its_approval_to_its_withdrawal(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    quote = proposed(memory, policy)
    assert printed(memory, policy) == []
    assert quotes_digest(memory) == ""
    quote = approved(memory, policy, quote)
    assert printed(memory, policy) == [SAID]
    assert quotes_digest(memory) != ""
    withdraw(memory, quote, ADA, question_key(memory), NOW)
    assert printed(memory, policy) == []
    assert quotes_digest(memory) == ""
    assert [one.state for one in quotes_held(memory)] == ["withdrawn"]
    with pytest.raises(QuoteError, match="withdrawn already"):
        withdraw(memory, quotes_held(memory)[0], ADA, question_key(memory), NOW)


def test_whoever_proposed_a_quote_cannot_approve_it(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    quote = proposed(memory, policy)
    same = replace(ADA, name="somebody else")
    with pytest.raises(QuoteError, match="another user"):
        approved(memory, policy, quote, same)
    assert printed(memory, policy) == []


def test_one_person_is_enough_only_where_the_policy_says_so(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    alone = with_quotes(policy, approval="none")
    answer(memory, folder, SAID)
    quote = approved(memory, alone, proposed(memory, alone), ADA)
    assert printed(memory, alone) == [SAID]
    assert printed(memory, policy) == []
    assert "the policy asks for two" in (why_not(memory, policy, quote) or "")


@pytest.mark.parametrize("also_the_hash", [False, True])
def test_words_that_were_changed_after_the_approval_are_not_printed(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, also_the_hash: bool
) -> None:
    answer(memory, folder, f"{SAID} and speak")
    quote = approved(memory, policy, proposed(memory, policy, SAID, SAID))
    other = f"{SAID} and speak"
    memory.execute("UPDATE restricted.quotes SET words = ?", [other])
    if also_the_hash:
        changed = quotes_held(memory)[0].words_hash
        memory.execute("UPDATE restricted.quotes SET approved_hash = ?", [changed])
    complete_records(memory)
    assert printed(memory, policy) == []
    assert "not those that were approved" in (why_not(memory, policy, quote) or "")


def test_an_approval_is_of_the_words_that_were_shown(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, f"{SAID} and speak")
    shown = proposed(memory, policy, SAID, SAID)
    memory.execute("UPDATE restricted.quotes SET words = ?", [f"{SAID} and speak"])
    assert approved(memory, policy, shown).state == "proposed"
    assert printed(memory, policy) == []


def test_a_quote_of_a_question_that_too_few_answered_waits(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    least = policy.dpia.quotes.least_answers
    answer(memory, folder, SAID, people=least - 1)
    quote = approved(memory, policy, proposed(memory, policy))
    assert printed(memory, policy) == []
    assert "too few people" in (why_not(memory, policy, quote) or "")
    answer(memory, folder, SAID, people=least, drop=2)
    assert printed(memory, policy) == [SAID]


def test_a_quote_goes_when_a_name_in_it_is_held(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, "Zephyrquill helped me think twice")
    quote = approved(memory, policy, proposed(memory, policy, "Zephyrquill"))
    assert printed(memory, policy) == ["Zephyrquill helped me think twice"]
    held = people_rows(NPS, 1, first=90, **{"Offender Name": "ZEPHYRQUILL, Ada"})
    load_rows(memory, NPS, held, drop=2)
    prepare(memory, folder)
    assert printed(memory, policy) == []
    assert "somebody who is held now" in (why_not(memory, policy, quote) or "")


def test_a_quote_goes_when_its_text_is_corrected(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    quote = approved(memory, policy, proposed(memory, policy))
    answer(memory, folder, "I take back what I said", drop=2)
    assert printed(memory, policy) == []
    assert "no longer held" in (why_not(memory, policy, quote) or "")


def test_a_quote_stays_when_the_same_text_is_sent_again(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    approved(memory, policy, proposed(memory, policy))
    answer(memory, folder, SAID, drop=2)
    assert printed(memory, policy) == [SAID]


def test_a_quote_goes_when_the_policy_no_longer_has_its_consent(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    quote = approved(memory, policy, proposed(memory, policy))
    left = {n: c for n, c in policy.dpia.quotes.consents.items() if n != quote.consent}
    assert printed(memory, with_quotes(policy, consents=left)) == []


def object_to(memory: duckdb.DuckDBPyConnection, number: int) -> None:
    """The person of a number objects."""
    memory.execute(
        "INSERT INTO restricted.objections VALUES "
        "('o1', ?, '2021-02-01', '2021-03-01', 'refused', 'r', 'ada', now(), 'ada', now())",
        [crn(number)],
    )


def test_nobody_who_objected_is_quoted_whatever_was_decided(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID, "Another said this of it")
    approved(memory, policy, proposed(memory, policy))
    approved(memory, policy, proposed(memory, policy, "Another"))
    object_to(memory, FIRST)
    assert printed(memory, policy) == ["Another said this of it"]
    assert settle(memory, policy, BEN, NOW) == 1
    assert [one.state for one in quotes_held(memory)].count("withdrawn") == 1
    with pytest.raises(QuoteError, match="objected"):
        proposed(memory, policy)
    assert settle(memory, policy, BEN, NOW) == 0


def test_somebody_is_not_quoted_when_they_objected_under_a_mistyped_number(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID)
    approved(memory, policy, proposed(memory, policy))
    slip = crn(800_000)
    ensure_review_tables(memory)
    memory.execute(
        "INSERT INTO restricted.accepted_links VALUES ('n', ?, ?, 'ada', now(), NULL, NULL)",
        [slip, crn(FIRST)],
    )
    object_to(memory, 800_000)
    assert printed(memory, policy) == []


def test_the_quotes_of_a_person_or_a_drop_are_withdrawn_when_their_erasure_is_asked_for(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID, "Another said this of it")
    approved(memory, policy, proposed(memory, policy))
    proposed(memory, policy, "Another")
    assert withdraw_of(memory, [crn(FIRST)], [], ADA, NOW) == 1
    assert printed(memory, policy) == []
    assert withdraw_of(memory, [], ["ors_attendee_survey-1"], ADA, NOW) == 1
    assert {one.state for one in quotes_held(memory)} == {"withdrawn"}


@pytest.mark.parametrize("step", ["proposed", "approved", "withdrawn"])
def test_a_killed_command_is_finished_by_the_next(
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer(memory, folder, SAID)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    def now_killed(this: str) -> None:
        if this == step:
            monkeypatch.setattr(records, "complete_log", killed)

    try:
        now_killed("proposed")
        quote = proposed(memory, policy)
        now_killed("approved")
        quote = approved(memory, policy, quote)
        now_killed("withdrawn")
        withdraw(memory, quote, ADA, question_key(memory), NOW)
    except KeyboardInterrupt:
        pass
    decisions = "SELECT count(*) FROM registers.quote_decisions"
    at = ["proposed", "approved", "withdrawn"].index(step)
    assert fetch(memory, decisions) == [(at,)]
    # What both stores do not say is not printed, and what one has withdrawn is not either.
    assert printed(memory, policy) == []
    monkeypatch.undo()
    complete_records(memory)
    assert fetch(memory, decisions) == [(at + 1,)]
    assert printed(memory, policy) == ([SAID] if step == "approved" else [])


def test_two_who_said_the_same_are_printed_once(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    answer(memory, folder, SAID, SAID)
    same = [one for one in texts_of(memory, policy).by_id.values() if one.masked == SAID]
    assert len(same) == 2
    key = question_key(memory)
    for text in same:
        quote = propose(memory, policy, text, None, CONSENT, ADA, key, NOW)
        approved(memory, policy, quote)
    assert printed(memory, policy) == [SAID]
