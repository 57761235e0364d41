"""Recording publications, on real registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.retention import PublicationError, add_publication, last_publication
from safer_streets_assets.stores import open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.retention.builders import folder_at

NOW = datetime(2021, 6, 30, 12)
LONDON = "Europe/London"


@pytest.fixture
def registers(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_stores(folder_at(tmp_path), write=["registers"]) as connection:
        ensure_registers(connection)
        yield connection


def test_the_latest_of_several_publications_counts(registers: duckdb.DuckDBPyConnection) -> None:
    assert last_publication(registers) is None
    add_publication(registers, "Interim report", date(2021, 5, 1), NOW, LONDON)
    add_publication(registers, "First report", date(2020, 5, 1), NOW, LONDON)
    assert last_publication(registers) == date(2021, 5, 1)


def test_recording_a_publication_twice_records_it_once(
    registers: duckdb.DuckDBPyConnection,
) -> None:
    first = add_publication(registers, "Final report", date(2021, 5, 1), NOW, LONDON)
    again = add_publication(registers, "  Final   report ", date(2021, 5, 1), NOW, LONDON)
    other = add_publication(registers, "Final report", date(2021, 5, 2), NOW, LONDON)
    assert first == again != other
    assert len(registers.execute("FROM registers.publications").fetchall()) == 2


@pytest.mark.parametrize("title", ["", "   ", "a" * 201, "bell\a", "On Q736251", "on q 736 251"])
def test_a_title_that_is_none_or_holds_a_crn_is_refused_without_being_repeated(
    registers: duckdb.DuckDBPyConnection, title: str
) -> None:
    with pytest.raises(PublicationError) as refused:
        add_publication(registers, title, date(2021, 5, 1), NOW, LONDON)
    assert "736" not in str(refused.value)
    assert last_publication(registers) is None


def test_a_date_in_the_future_is_judged_in_london(registers: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(PublicationError):
        add_publication(registers, "Report", date(2021, 7, 1), NOW, LONDON)
    just_past_midnight = datetime(2021, 6, 30, 23, 30)
    add_publication(registers, "Report", date(2021, 7, 1), just_past_midnight, LONDON)
    assert last_publication(registers) == date(2021, 7, 1)
