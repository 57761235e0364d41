"""The statements of `benchmarks.spark` on both engines, in a process of its own. Needs PySpark,
which no lock has.

    python -m benchmarks.spark_work DATA PRIVATE

DATA is a data folder that has been run; Spark's files go into the folder PRIVATE. Spark's own
process has to be ended by the caller, since it outlives this one where this one is killed.

Messages of both engines may carry cell values, so of an error only its kind is passed on.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from sqlglot.errors import SqlglotError

from benchmarks.same_rows import Difference, Rows, difference
from benchmarks.spark import JAVA_NEEDED
from benchmarks.spark_statements import (
    LISTS,
    RESEARCH,
    Schema,
    Statement,
    in_duckdb,
    schema_of,
    spark_sql,
    statements,
)
from safer_streets_assets.cohort.linkage import define_cohort_rules
from safer_streets_assets.disclosure.aggregate import define_lists
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.sql_files import quoted_text

NO_LOG = """
appender.nowhere.type = Null
appender.nowhere.name = nowhere
rootLogger.level = off
rootLogger.appenderRef.nowhere.ref = nowhere
"""
"""Spark takes its own settings where these name no appender."""


LINE = "{:>7}{:>7}{:>10}{:>9}  {}"


@dataclass(frozen=True)
class Compared:
    """A statement on both engines: rows and seconds of DuckDB; of Spark the seconds and how its
    rows differ, or in `failed` why there are none."""

    name: str
    rows: int
    duckdb_seconds: float
    spark_seconds: float = 0.0
    found: Difference | None = None
    failed: str = ""

    @property
    def equal(self) -> bool:
        """Whether both engines gave the same rows."""
        return self.found is not None and self.found.equal

    @property
    def line(self) -> str:
        """A line of the table that is printed."""
        times = f"{self.duckdb_seconds:.3f}", "" if self.failed else f"{self.spark_seconds:.3f}"
        line = LINE.format(self.rows, "yes" if self.equal else "NO", *times, self.name)
        if self.failed:
            return f"{line}: not run, {self.failed}"
        if self.found is None or self.equal:
            return line
        columns = "" if self.found.same_columns else "other columns, "
        ours, theirs = self.found.only_first, self.found.only_second
        return f"{line}: {columns}{ours} rows only in DuckDB, {theirs} only in Spark"


def compared(folder: DataFolder, policy: Policy, private: Path) -> Iterator[Compared]:
    """Runs every statement on the research store and in Spark, one after the other.

    Spark reads what no statement makes from Parquet files in the private folder, and the tables of
    the cohort as it made them itself.
    """
    with open_stores(folder, read=["research"], extra_folders=[private]) as connection:
        define_cohort_rules(connection, policy)
        define_lists(connection, policy)
        every = list(statements(connection, policy))
        schema = schema_of(connection, every)
        with _spark(private) as spark:
            made = {statement.makes for statement in every}
            for database, tables in schema.items():
                spark.sql(f"CREATE DATABASE {database}")
                for table in tables:
                    if table not in made or database == LISTS:
                        _export(connection, spark, private, database, table)
            for statement in every:
                yield _compared(connection, spark, statement, schema)


def _export(
    connection: duckdb.DuckDBPyConnection,
    spark: SparkSession,
    private: Path,
    database: str,
    table: str,
) -> None:
    """Gives a table to Spark, as a Parquet file in a folder of its own."""
    folder = private / database / table
    folder.mkdir(mode=0o700, parents=True)
    file = quoted_text(str(folder / "rows.parquet"))
    connection.execute(f"COPY {in_duckdb(database, table)} TO {file} (FORMAT parquet)")
    place = str(folder).replace("'", "\\'")
    spark.sql(f"CREATE TABLE {database}.`{table}` USING parquet LOCATION '{place}'")


def _compared(
    connection: duckdb.DuckDBPyConnection,
    spark: SparkSession,
    statement: Statement,
    schema: Schema,
) -> Compared:
    began = time.perf_counter()
    cursor = connection.execute(statement.sql, dict(statement.parameters))
    rows = cursor.fetchall()
    seconds = time.perf_counter() - began
    ours = Rows(tuple(column for column, *_ in cursor.description or ()), rows)
    began = time.perf_counter()
    try:
        theirs = _run(spark, statement, spark_sql(statement, schema))
    except (SqlglotError, PySparkException, Py4JError) as error:
        condition = error.getCondition() if isinstance(error, PySparkException) else None
        kind = " ".join(filter(None, (type(error).__name__, condition)))
        return Compared(statement.name, len(rows), seconds, failed=kind)
    spent = time.perf_counter() - began
    return Compared(statement.name, len(rows), seconds, spent, difference(ours, theirs))


def _run(spark: SparkSession, statement: Statement, query: str) -> Rows:
    """What Spark gives; a table of the cohort is written, and read as it was written."""
    frame = spark.sql(query)
    if statement.makes is not None:
        table = f"{RESEARCH}.{statement.makes}"
        frame.write.saveAsTable(table)
        frame = spark.table(table)
    return Rows(tuple(frame.columns), [tuple(row) for row in frame.collect()])


@contextmanager
def _spark(private: Path) -> Iterator[SparkSession]:
    """Spark on this machine. It writes only to the private folder, listens only to this machine,
    and logs nothing.

    Raises:
        SystemExit: it did not start, with a sentence.
    """
    logging.disable()  # pyspark logs the messages of Spark's errors by itself.
    place = {name: private / name for name in ("warehouse", "scratch")}
    for folder in place.values():
        folder.mkdir(mode=0o700)
    log = private / "log4j2.properties"
    log.write_text(NO_LOG, "utf-8")
    cores = os.cpu_count() or 1
    options = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={place['scratch']} -XX:-UsePerfData "
        f"-Dlog4j2.configurationFile={log.as_uri()}",
        "spark.local.dir": str(place["scratch"]),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.warehouse.dir": str(place["warehouse"]),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(f"local[{cores}]").appName("benchmarks.spark")
    for option, value in options.items():
        builder = builder.config(option, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError):
        raise SystemExit(f"Spark did not start; it needs {JAVA_NEEDED}.") from None
    try:
        yield spark
    finally:
        spark.stop()


def main(data: str, private: str) -> None:
    """Prints a line a statement and one for all of them.

    Raises:
        SystemExit: with 1 if not all are equal, with a sentence if Spark did not start.
    """
    folder, found = DataFolder(Path(data), Path(data) / "keys"), []
    print(LINE.format("rows", "equal", "DuckDB s", "Spark s", "statement"), flush=True)
    for one in compared(folder, load_policy(), Path(private)):
        found.append(one)
        print(one.line, flush=True)
    equal = sum(one.equal for one in found)
    times = (
        f"{sum(seconds):.3f}"
        for seconds in (
            (one.duckdb_seconds for one in found),
            (one.spark_seconds for one in found),
        )
    )
    rows, all_equal = sum(one.rows for one in found), equal == len(found)
    said = f"{equal} of {len(found)} statements are equal"
    print(LINE.format(rows, "yes" if all_equal else "NO", *times, said))
    raise SystemExit(0 if all_equal else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
