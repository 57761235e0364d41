"""The registers: what they record, and whether the evaluation is closed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from safer_streets_assets.stores.registers import (
    EvaluationClosedError,
    close_evaluation,
    ensure_registers,
    evaluation_closed,
    now_utc,
    refuse_to_go_on_when_closed,
)
from safer_streets_assets_tests.builders import NOON, fetch


def test_making_the_registers_again_keeps_what_they_hold(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    close_evaluation(memory, NOON)
    ensure_registers(memory)
    assert evaluation_closed(memory)


def test_an_evaluation_closes_once(memory: duckdb.DuckDBPyConnection) -> None:
    assert not evaluation_closed(memory)
    refuse_to_go_on_when_closed(memory)
    close_evaluation(memory, NOON)
    close_evaluation(memory, NOON + timedelta(days=1))
    assert fetch(memory, "SELECT * FROM registers.evaluation_events") == [("closed", NOON)]
    with pytest.raises(EvaluationClosedError, match=r"^The evaluation is closed .*\.$"):
        refuse_to_go_on_when_closed(memory)


@pytest.mark.parametrize("place", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_registers_keep_utc_without_an_offset(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", place)
        time.tzset()
        now = now_utc()
    time.tzset()
    assert now.tzinfo is None
    assert now.microsecond == 0
    assert abs(datetime.now(UTC).replace(tzinfo=None) - now) < timedelta(seconds=5)


def test_no_register_has_a_column_for_personal_data(memory: duckdb.DuckDBPyConnection) -> None:
    columns = fetch(
        memory,
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'registers'",
    )
    names = {name for (name,) in columns}
    assert names
    assert not {n for n in names if any(w in n for w in ("path", "file_name", "crn", "birth"))}
