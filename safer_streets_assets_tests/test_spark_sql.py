"""The SQL of cohort and counted tables can be read by Spark, as docs/scale.md says. Whether Spark
gives the same rows is seen by `benchmarks.spark`, which needs PySpark."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from benchmarks import spark
from benchmarks.same_rows import Difference, Rows, difference
from benchmarks.spark_statements import Statement, schema_of, spark_sql, statements, tables_read
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import data_folder, shipped_policy, stores_in_memory
from safer_streets_assets_tests.disclosure.aggregated import build_research

SAME = Difference(same_columns=True, only_first=0, only_second=0)
PEOPLE = Rows(("person", "n"), [("a", 1), ("b", None), ("b", None), ("c", 2)])


@pytest.fixture(scope="module")
def nobody(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Policy]]:
    """Stores in memory in which everything is made and nobody is."""
    policy = shipped_policy()
    folder = data_folder(tmp_path_factory.mktemp("spark") / "data")
    with stores_in_memory() as connection:
        build_research(connection, folder, policy)
        yield connection, policy


def test_every_statement_becomes_spark_sql_without_a_parameter_or_a_star(
    nobody: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    every = list(statements(*nobody))
    schema = schema_of(nobody[0], every)
    for statement in every:
        tree = sqlglot.parse_one(spark_sql(statement, schema), read="spark")
        assert not list(tree.find_all(exp.Parameter, exp.Placeholder, exp.Columns))
        assert all(isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))
        assert tree.named_selects == [
            name for name, *_ in nobody[0].execute(statement.sql, statement.parameters).description
        ]


def test_every_counted_table_has_its_rows_and_its_counts_among_the_statements(
    nobody: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    policy = nobody[1]
    names = [statement.name for statement in statements(*nobody)]
    assert names[: len(policy.dpia.cohort.tables)] == list(policy.dpia.cohort.tables)
    assert len(set(names)) == len(names)
    for name, spec in policy.tables.tables.items():
        for what in ("rows", "counts"):
            found = [one for one in names if one.split(" (")[0] == f"{what} of {name}"]
            assert bool(found) == (spec.source is not None)


def test_a_table_is_read_by_its_schema_and_a_list_is_one_without() -> None:
    query = "WITH mine AS (FROM research.people) FROM mine JOIN bands USING (band)"
    assert tables_read(query) == {("research", "people"), ("lists", "bands")}


def test_a_quantile_stays_exact_in_spark() -> None:
    schema = {"research": {"waits": {"days": "BIGINT"}}}
    query = "SELECT quantile_cont(days, 0.25) AS quarter FROM research.waits"
    assert "PERCENTILE(" in spark_sql(Statement("quarter", query, {}), schema)


def test_an_unpivot_of_another_kind_is_not_translated() -> None:
    schema = {"research": {"forms": {"one": "BIGINT", "two": "BIGINT"}}}
    query = "FROM (UNPIVOT research.forms ON one, two INTO NAME question VALUE answer)"
    with pytest.raises(sqlglot.errors.SqlglotError):
        spark_sql(Statement("some columns", query, {}), schema)


def test_the_same_rows_in_another_order_are_equal() -> None:
    assert difference(PEOPLE, Rows(PEOPLE.columns, PEOPLE.rows[::-1])) == SAME
    assert SAME.equal


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        (PEOPLE.columns, [("a", 1), ("b", None), ("b", 0), ("c", 2)], Difference(True, 1, 1)),
        (PEOPLE.columns, [*PEOPLE.rows, ("d", 3)], Difference(True, 0, 1)),
        (PEOPLE.columns, [*PEOPLE.rows, ("a", 1)], Difference(True, 0, 1)),
        (PEOPLE.columns, [("a", 1), ("b", None), ("c", 2)], Difference(True, 1, 0)),
        (("n", "person"), PEOPLE.rows, Difference(False, 0, 0)),
        (PEOPLE.columns, [], Difference(True, 4, 0)),
    ],
    ids=["another cell", "a row more", "a row twice", "a duplicate less", "other names", "none"],
)
def test_other_rows_are_counted_and_not_equal(
    columns: tuple[str, ...], rows: list[tuple[Any, ...]], expected: Difference
) -> None:
    found = difference(PEOPLE, Rows(columns, rows))
    assert found == expected
    assert not found.equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (2, 2.0, True),
        (2, Decimal("2.00"), True),
        (0.1 + 0.2, 0.3, True),
        (0.3, 0.301, False),
        (2**60, 2**60 + 1, False),
        (float("nan"), float("nan"), True),
        (float("nan"), None, False),
        (1, True, False),
        (1, "1", False),
        (None, "None", False),
        (date(2020, 1, 1), datetime(2020, 1, 1), False),
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1), True),
        (datetime(2020, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime(2020, 1, 1), True),
        ([1, None], (1.0, None), True),
        ([1, 2], [2, 1], False),
    ],
)
def test_values_are_equal_whatever_the_width_of_their_type(
    one: object, other: object, *, equal: bool
) -> None:
    first, second = (Rows(("value",), [(value,)]) for value in (one, other))
    assert difference(first, second).equal is equal


def test_without_pyspark_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["spark", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^PySpark is missing.*pip install pyspark.*\.$"):
        spark.main()


def test_without_java_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["spark", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^Java is missing.*install Java.*\.$"):
        spark.main()


def test_what_a_command_started_has_ended_when_its_exit_code_is_known(tmp_path: Path) -> None:
    number = tmp_path / "number"
    starts = "import subprocess as s, sys; p = s.Popen(['sleep', '600']); "
    tells = f"open({str(number)!r}, 'w').write(str(p.pid)); sys.exit(3)"
    assert spark.run_apart([sys.executable, "-c", starts + tells]) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text("utf-8")), 0)
