"""Publications on record: which one counts, since when, and how one is taken back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import PublicationError, add_publication, publications
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.records.publications import counted, withdraw_publication
from safer_streets_assets.stores import open_stores
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.retention.builders import folder_at

NOW, TODAY = datetime(2021, 6, 30, 12), date(2021, 6, 30)


@pytest.fixture
def registers(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_stores(folder_at(tmp_path), write=["registers"]) as connection:
        ensure_registers(connection)
        yield connection


def that_counts(
    registers: duckdb.DuckDBPyConnection, policy: Policy, today: date = TODAY
) -> tuple[date, date] | None:
    """The date of the publication that counts, and since when the clock runs from it."""
    found = counted(publications(registers), policy, today)
    return None if found is None else (found.publication.published_on, found.since)


def counting(policy: Policy, which: str) -> Policy:
    retention = policy.dpia.retention.model_copy(update={"publication_that_counts": which})
    return dataclasses.replace(policy, dpia=policy.dpia.model_copy(update={"retention": retention}))


def test_the_policy_says_which_of_several_publications_counts(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    assert that_counts(registers, policy) is None
    add_publication(
        registers, shipped_policy(), "Interim report", date(2021, 5, 1), datetime(2021, 5, 2)
    )
    add_publication(
        registers, shipped_policy(), "First report", date(2020, 5, 1), datetime(2021, 5, 9)
    )
    assert policy.dpia.retention.publication_that_counts == "latest"
    assert that_counts(registers, policy) == (date(2021, 5, 1), date(2021, 5, 2))
    first = counting(policy, "first")
    assert that_counts(registers, first) == (date(2020, 5, 1), date(2021, 5, 9))


def test_recording_a_publication_twice_records_it_once(
    registers: duckdb.DuckDBPyConnection,
) -> None:
    first = add_publication(registers, shipped_policy(), "Final report", date(2021, 5, 1), NOW)
    again = add_publication(registers, shipped_policy(), "  Final   report ", date(2021, 5, 1), NOW)
    other = add_publication(registers, shipped_policy(), "Final report", date(2021, 5, 2), NOW)
    assert first == again != other
    assert len(registers.execute("FROM registers.publications").fetchall()) == 2


@pytest.mark.parametrize("title", ["", "   ", "a" * 201, "bell\a", "On Q736251", "on q 736 251"])
def test_a_title_that_is_none_or_holds_a_crn_is_refused_without_being_repeated(
    registers: duckdb.DuckDBPyConnection, title: str
) -> None:
    with pytest.raises(PublicationError) as refused:
        add_publication(registers, shipped_policy(), title, date(2021, 5, 1), NOW)
    assert "736" not in str(refused.value)
    assert publications(registers) == []


def test_a_date_that_has_not_come_counts_from_that_day_on(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    add_publication(
        registers, shipped_policy(), "Interim report", date(2021, 5, 1), datetime(2021, 5, 2)
    )
    add_publication(registers, shipped_policy(), "Final report", date(2021, 7, 20), NOW)
    assert that_counts(registers, policy) == (date(2021, 5, 1), date(2021, 5, 2))
    after = that_counts(registers, policy, date(2021, 7, 20))
    assert after == (date(2021, 7, 20), date(2021, 7, 20))


def test_a_withdrawn_publication_stays_on_record_and_the_one_before_counts_since_then(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    add_publication(
        registers, shipped_policy(), "Interim report", date(2020, 5, 1), datetime(2020, 5, 1)
    )
    wrong = add_publication(
        registers, shipped_policy(), "Final report", date(2021, 5, 1), datetime(2021, 5, 1)
    )
    withdraw_publication(registers, policy, wrong[:8], "mistyped", NOW)
    assert that_counts(registers, policy) == (date(2020, 5, 1), TODAY)
    assert [(one.stands, one.why) for one in publications(registers)] == [
        (True, None),
        (False, "mistyped"),
    ]
    with pytest.raises(PublicationError):
        withdraw_publication(registers, policy, wrong, "mistyped", NOW)


def test_what_was_withdrawn_can_be_recorded_again_within_the_same_second(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    for _ in range(3):
        found = add_publication(registers, shipped_policy(), "Final report", date(2021, 5, 1), NOW)
        assert that_counts(registers, policy) is not None
        withdraw_publication(registers, policy, found, "mistyped", NOW)
        assert that_counts(registers, policy) is None
    assert len({one.publication_id for one in publications(registers)}) == 3


def test_what_is_recorded_anew_on_the_day_it_was_withdrawn_waits_anew(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    old = add_publication(
        registers, shipped_policy(), "Final report", date(2021, 5, 1), datetime(2021, 5, 1)
    )
    withdraw_publication(registers, policy, old, "mistyped", NOW)
    add_publication(registers, shipped_policy(), "Final report", date(2021, 5, 1), NOW)
    assert that_counts(registers, policy) == (date(2021, 5, 1), TODAY)


def test_another_publication_of_the_same_day_does_not_put_erasure_off(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    add_publication(
        registers, shipped_policy(), "Final report", date(2021, 5, 1), datetime(2021, 5, 1)
    )
    add_publication(registers, shipped_policy(), "Annex", date(2021, 5, 1), NOW)
    assert that_counts(registers, policy) == (date(2021, 5, 1), date(2021, 5, 1))


def test_a_publication_cannot_be_withdrawn_once_erasure_has_begun(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    found = add_publication(
        registers, shipped_policy(), "Final report", date(2020, 5, 1), datetime(2020, 5, 1)
    )
    close_evaluation(registers, NOW)
    with pytest.raises(DecisionError):
        withdraw_publication(registers, policy, found, "mistyped", NOW)
    assert that_counts(registers, policy) == (date(2020, 5, 1), date(2020, 5, 1))


def test_registers_of_an_earlier_version_are_read_as_they_are(
    registers: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    add_publication(
        registers, shipped_policy(), "Final report", date(2020, 5, 1), datetime(2020, 5, 1)
    )
    registers.execute("DROP TABLE registers.withdrawals")
    assert that_counts(registers, policy) == (date(2020, 5, 1), date(2020, 5, 1))
    ensure_registers(registers)
    withdraw_publication(
        registers, policy, publications(registers)[0].publication_id, "no report", NOW
    )
    assert that_counts(registers, policy) is None
