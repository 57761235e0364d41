"""Whether DuckDB can run the queries of the policy that the steps before the tables run: those of
the cohort, of sources that count the same, of monitoring, and of what follows the programme."""

from __future__ import annotations

import duckdb

from safer_streets_assets.cohort.believed import cohort_parameters, cohort_sql
from safer_streets_assets.cohort.catalogue import conformed_columns
from safer_streets_assets.cohort.linkage import define_cohort_rules
from safer_streets_assets.disclosure.binding import (
    WHOLE_FILE,
    columns_of_query,
    refuse,
    refuse_other_columns,
)
from safer_streets_assets.monitoring.tables import parameters_of_queries
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import FOLLOW_UP, TABLE, follow_up_parameters
from safer_streets_assets.stores.sql_files import quoted_name


def _make_followed(connection: duckdb.DuckDBPyConnection, policy: Policy, source: str) -> None:
    """The table of the source in which people are looked for, which is not there before it is
    agreed."""
    columns = conformed_columns(policy.with_agreement(source), source)
    listed = ", ".join(f"{quoted_name(name)} {doc.type}" for name, doc in columns.items())
    table = quoted_name(policy.dpia.sources[source].conformed.table)
    connection.execute(f"CREATE TABLE IF NOT EXISTS research.{table} ({listed})")


def bind_steps(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Binds each of them over the tables of the research store, which are there without a row.

    Raises:
        PolicyError: one sentence that names the file and the place in it.
    """
    define_cohort_rules(connection, policy)
    for table, made in policy.dpia.cohort.tables.items():
        file, query = f"sql/cohort/{table}.sql", cohort_sql(policy, table)
        found = columns_of_query(connection, file, query, cohort_parameters(policy, query))
        wanted = {name: column.type for name, column in made.columns.items()}
        refuse_other_columns(file, found, wanted, table, f"cohort.tables.{table}.columns")
    agreement = policy.dpia.expected.agreement
    if agreement is not None:
        file = f"sql/{agreement.query}.sql"
        found = columns_of_query(connection, file, policy.sql[agreement.query])
        if found.get("agrees") != "BOOLEAN":
            refuse(file, WHOLE_FILE, "it gives no column agrees of type BOOLEAN; select it")
    if policy.dpia.monitoring is not None:
        for query, given in parameters_of_queries(policy).items():
            columns_of_query(connection, f"sql/{query}.sql", policy.sql[query], given)
    if policy.dpia.reoffending is not None and TABLE in policy.tables.tables:
        _make_followed(connection, policy, policy.dpia.reoffending.source)
        given = follow_up_parameters(policy)
        columns_of_query(connection, f"sql/{FOLLOW_UP}.sql", policy.sql[FOLLOW_UP], given)
