"""What the suites last found, on what data: the same data is not validated twice.

The data are the loaded drops, the conformed tables made of them, the policy and the version of the
code; a hash over all of them stands with the results. Results that stop a run are not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import duckdb

from safer_streets_assets import __version__
from safer_streets_assets.cohort.expectations import Result, Suites, frames_of
from safer_streets_assets.cohort.failed_places import add_drops
from safer_streets_assets.cohort.suites import filled_in, suite_of
from safer_streets_assets.intake.failed_rows import FailedDrop
from safer_streets_assets.intake.ledger_counts import drops_digest
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import columns_in, one_row, transaction


def suite_results(
    connection: duckdb.DuckDBPyConnection, policy: Policy, now: datetime
) -> tuple[dict[str, dict[str, Result]], datetime | None]:
    """Table to expectation to result, and since when they stand when the data did not change.

    The research and restricted stores are attached, and the registers for writing. Imports
    great-expectations only when something changed since the results that are kept.
    """
    facts = facts_hash(connection, policy)
    kept = kept_results(connection, facts)
    if kept is not None:
        return kept
    suites, results, goes_on = Suites(), {}, True
    for name, source in policy.sources.items():
        table = source.conformed.table
        suite = suite_of(policy, name, now)
        later = {filled_in(field) for field in _agreed_later(connection, name)}
        later &= {one.name for one in suite}
        judged = [one for one in suite if one.name not in later]
        frames = frames_of(connection, policy, name)
        results[table] = {one.name: one for one in suites.run(frames, judged)}
        add_drops(connection, policy, name, suites, frames, judged, results[table])
        results[table] |= {one: Result(one, True, 0) for one in later}
        goes_on &= all(results[table][e.name].passed for e in suite if e.blocking)
    if goes_on:
        keep_results(connection, facts, results, now)
    return results, None


def _agreed_later(connection: duckdb.DuckDBPyConnection, source_name: str) -> list[str]:
    """The required fields that rows of earlier drops cannot have."""
    rows = connection.execute(
        "SELECT field FROM registers.fields_agreed_later WHERE source = ?", [source_name]
    ).fetchall()
    return [field for (field,) in rows]


def facts_hash(connection: duckdb.DuckDBPyConnection, policy: Policy) -> str:
    """A hash of everything the results depend on; research and registers are attached."""
    facts = [drops_digest(connection), policy.digest, __version__, *sorted(policy.sources)]
    columns: dict[str, list[str]] = {}
    for column in columns_in(connection, "research"):
        if column.schema == "main":
            columns.setdefault(column.table, []).append(f"{column.name} {column.type}")
    for source in policy.sources.values():
        table = source.conformed.table
        query = (
            "SELECT count(*), coalesce(sum(hash(conformed)::HUGEINT), 0) "
            f"FROM research.{table} AS conformed"
        )
        facts.append(repr((*one_row(connection, query), columns.get(table))))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def kept_results(
    connection: duckdb.DuckDBPyConnection, facts: str
) -> tuple[dict[str, dict[str, Result]], datetime] | None:
    """Table to expectation to result, and when, where the suites were run on the same facts."""
    rows = connection.execute(
        "SELECT table_name, expectation, passed, unexpected, happened_at, drops "
        "FROM registers.expectation_results WHERE facts_hash = ?",
        [facts],
    ).fetchall()
    # A failure that was kept before drops were kept with it is looked at again.
    if not rows or any(not row[2] and row[5] is None for row in rows):
        return None
    results: dict[str, dict[str, Result]] = {}
    for table, name, passed, unexpected, _, drops in rows:
        failed = tuple(
            FailedDrop(one["drop_id"], one["source"], one["rows"], tuple(one["first_rows"]))
            for one in drops or []
        )
        results.setdefault(table, {})[name] = Result(name, passed, unexpected, failed)
    return results, rows[0][4]


def keep_results(
    connection: duckdb.DuckDBPyConnection,
    facts: str,
    results: Mapping[str, Mapping[str, Result]],
    now: datetime,
) -> None:
    """Replaces what the registers hold, in one transaction; they are attached for writing."""
    with transaction(connection):
        connection.execute("DELETE FROM registers.expectation_results")
        for table, found in results.items():
            for one in found.values():
                connection.execute(
                    "INSERT INTO registers.expectation_results VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        table,
                        one.name,
                        one.passed,
                        one.unexpected,
                        facts,
                        now,
                        [asdict(drop) for drop in one.drops],
                    ],
                )
