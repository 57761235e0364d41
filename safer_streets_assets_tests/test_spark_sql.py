"""The SQL of cohort and counted tables can be read by another engine, as docs/scale.md says."""

from __future__ import annotations

import sqlglot

from safer_streets_assets.cohort.believed import cohort_sql
from safer_streets_assets.disclosure.aggregate import rows_sql
from safer_streets_assets.policy import load_policy


def test_cohort_and_rows_of_counted_tables_translate_to_spark_sql() -> None:
    policy = load_policy()
    statements = {name: cohort_sql(policy, name) for name in policy.dpia.cohort.tables}
    for name, spec in policy.tables.tables.items():
        if spec.source is not None:
            statements[f"rows of {name}"] = rows_sql(policy, name)
    assert statements
    for query in statements.values():
        (spark,) = sqlglot.transpile(
            query, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
        )
        assert sqlglot.parse_one(spark, read="spark")
