"""Runs suites with great-expectations, which is imported here and nowhere else, when one is run.

The import takes seconds, so a caller first asks `cohort.suite_results` whether anything changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.cohort.suites import (
    MISSING_COLUMN,
    TYPE_COLUMN,
    VOLUME_COLUMN,
    Batch,
    Expectation,
    answer_items,
    one_clock,
)
from safer_streets_assets.intake.failed_rows import FailedDrop
from safer_streets_assets.intake.fields import is_after_sql
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import columns_in, one_row
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

COUNTS_ONLY = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
ROW_ID = "row_id"
"""The column of the batch of rows that says which row of the table each is."""


@dataclass(frozen=True)
class Result:
    """How an expectation came out: `unexpected` counts rows, columns, items or drops.

    `drops` are where the rows lie that are not as expected (`cohort.failed_places`).
    """

    name: str
    passed: bool
    unexpected: int
    drops: tuple[FailedDrop, ...] = ()


def frames_of(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str
) -> dict[Batch, pd.DataFrame]:
    """What the suite of a source looks at; the research store and registers are attached."""
    table = policy.sources[source_name].conformed.table
    there = [one for one in columns_in(connection, "research") if one.table == table]
    types = [f"{one.name} {one.type}" for one in there]
    volume = one_row(
        connection,
        read_sql("cohort", "volume"),
        {"source": source_name, "earlier_drops": policy.dpia.expected.earlier_drops},
    )[0]
    columns = f"rowid AS {ROW_ID}, *{_one_clock(policy, source_name)}"
    return {
        "rows": connection.execute(f"SELECT {columns} FROM research.{table}").df(),
        "types": pd.DataFrame({TYPE_COLUMN: types}),
        "volume": pd.DataFrame({VOLUME_COLUMN: pd.Series([volume], dtype="float64")}),
        "answers": _answers(connection, policy, source_name, table),
    }


def _one_clock(policy: Policy, source_name: str) -> str:
    """The columns of times by one clock, in SQL."""
    source = policy.sources[source_name]
    columns = ""
    for order in source.date_order:
        if source.field_named(order.later).kind == "timestamp":
            earlier, later = quoted_name(order.earlier), quoted_name(order.later)
            wrong = is_after_sql(earlier, later, policy)
            columns += (
                f", CASE WHEN {earlier} > {later} AND NOT ({wrong}) THEN {earlier} ELSE {later} "
                f"END AS {quoted_name(one_clock(order.later))}"
            )
    return columns


class Suites:
    """great-expectations, imported and set up once for all suites of a run."""

    def __init__(self) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        self._gx = gx
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._frames = (
            context.data_sources.add_pandas("research")
            .add_dataframe_asset("conformed")
            .add_batch_definition_whole_dataframe("all")
        )

    def run(
        self, frames: Mapping[Batch, pd.DataFrame], expectations: Sequence[Expectation]
    ) -> list[Result]:
        """Runs the suite of a table: one result an expectation, in their order; counts only."""
        found: dict[str, Result] = {}
        for batch, frame in frames.items():
            chosen = [one for one in expectations if one.batch == batch]
            if chosen:
                found |= {result.name: result for result in self._run(frame, chosen)}
        return [found[expectation.name] for expectation in expectations]

    def failing_rows(self, frame: pd.DataFrame, expectation: Expectation) -> list[int]:
        """The places, from 0, of the rows of a batch that an expectation does not hold for; none
        where it is about columns as a whole."""
        # The complete result has the values, too: nothing else of it leaves this function.
        (found,) = self._validated(frame, [expectation], {"result_format": "COMPLETE"})
        return [int(place) for place in found.result.get("unexpected_index_list") or []]

    def _run(self, frame: pd.DataFrame, expectations: Sequence[Expectation]) -> list[Result]:
        return [_result(found) for found in self._validated(frame, expectations, COUNTS_ONLY)]

    def _validated(
        self,
        frame: pd.DataFrame,
        expectations: Sequence[Expectation],
        result_format: Mapping[str, Any],
    ) -> list[Any]:
        batch = self._frames.get_batch(batch_parameters={"dataframe": frame})
        suite = self._gx.ExpectationSuite(
            name="conformed",
            expectations=[
                getattr(self._gx.expectations, e.type)(**e.arguments, meta={"name": e.name})
                for e in expectations
            ],
        )
        return list(batch.validate(suite, result_format=dict(result_format)).results)


def _result(found: Any) -> Result:
    unexpected = int(found.result.get("unexpected_count") or 0)
    passed = bool(found.success)
    return Result(found.expectation_config.meta["name"], passed, unexpected or int(not passed))


def _answers(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str, table: str
) -> pd.DataFrame:
    """The items of a questionnaire with the percentage of their answers that are missing codes."""
    items = answer_items(policy, source_name)
    shares = []
    for item in items:
        codes = ", ".join(map(str, item.missing_codes))
        shares.append(f"100.0 * avg(({quoted_name(item.name)} IN ({codes}))::INT)")
    found = (
        one_row(connection, f"SELECT {', '.join(shares)} FROM research.{table}") if items else ()
    )
    return pd.DataFrame({MISSING_COLUMN: pd.Series(found, dtype="float64")})
