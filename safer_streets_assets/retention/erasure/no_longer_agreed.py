"""What is held and no agreement covers any more: fields taken out of the policy, and sources.

It goes from the restricted store as everything is erased there: the store is rebuilt without it
under a new key. What an exception keeps stays until the exception has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.raw_tables import (
    ROW_KEYS,
    columns_there,
    raw_columns,
    raw_table,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.rows import of_sources
from safer_streets_assets.retention.errors import ErasureNotVerifiedError
from safer_streets_assets.retention.traces.fingerprints import comparable, is_plain
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

_RAW = raw_table("")


@dataclass(frozen=True)
class NotAgreed:
    """Source to the fields of it that are held and not agreed, and sources that are not at all."""

    fields: Mapping[str, list[str]]
    sources: list[str]

    @property
    def names(self) -> list[str]:
        """Each field as `source.field`, and each source."""
        fields = [f"{name}.{field}" for name, own in self.fields.items() for field in own]
        return [*fields, *self.sources]

    @property
    def touched(self) -> list[str]:
        """The sources that lose something."""
        return [*self.fields, *self.sources]


def no_longer_agreed(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    excepted: Collection[str] = (),
    database: str = "restricted",
) -> NotAgreed:
    """What a restricted store holds that the policy does not agree to.

    `excepted` are the holdings that an exception keeps.
    """
    there = columns_there(connection, database)
    held = {
        table.removesuffix(_RAW): [column for column in columns if column not in ROW_KEYS]
        for table, columns in there.items()
        if table.endswith(_RAW)
    }
    for name, field in _set_aside(connection, database) if "set_aside_rows" in there else []:
        held.setdefault(name, []).append(field)
    if "restricted/store" in excepted:
        held = {}
    fields, sources = {}, []
    for name, columns in sorted(held.items()):
        if f"restricted/{name}" in excepted:
            continue
        if name not in policy.sources:
            if _has_rows(connection, name, there, database):
                sources.append(name)
            continue
        gone = set(columns) - set(raw_columns(policy.sources[name]))
        if gone:
            fields[name] = sorted(gone)
    return NotAgreed(fields, sources)


def staying_without(
    connection: duckdb.DuckDBPyConnection, policy: Policy, gone: NotAgreed, database: str
) -> dict[str, str]:
    """Table (as `"main"."table"`) to the query of its rows without what goes."""
    there = columns_there(connection, database)
    conditions = of_sources(policy, gone.sources, there, database)
    queries = {
        table: f"SELECT * FROM {database}.{quoted_name(table)} "
        f"WHERE NOT coalesce({condition}, false)"
        for table, condition in conditions.items()
        if table in there
    }
    for name, fields in gone.fields.items():
        listed = [field for field in fields if field in there.get(raw_table(name), ())]
        if listed:
            columns = ", ".join(map(quoted_name, listed))
            queries[raw_table(name)] = (
                f"SELECT * EXCLUDE ({columns}) FROM {database}.{quoted_name(raw_table(name))}"
            )
    for table, condition in _made_of(policy, gone).items():
        if table in there:
            rows = queries.get(table, f"FROM {database}.{quoted_name(table)}")
            queries[table] = f"SELECT * FROM ({rows}) WHERE NOT coalesce({condition}, false)"
    if gone.fields and "set_aside_rows" in there:
        rows = queries.get("set_aside_rows", f"FROM {database}.set_aside_rows")
        queries["set_aside_rows"] = (
            f"SELECT * REPLACE ({_values_without(gone)} AS values_sent) FROM ({rows})"
        )
    return {f'"main".{quoted_name(table)}': query for table, query in queries.items()}


def _made_of(policy: Policy, gone: NotAgreed) -> dict[str, str]:
    """Table to which of its rows are made of a field that goes, in SQL."""
    fields = [
        f"({quoted_text(name)}, {quoted_text(field)})"
        for name, own in gone.fields.items()
        for field in own
    ]
    tables = Catalogue(policy).of_store("restricted").values() if fields else ()
    return {
        table.name: f"({table.source_column}, {table.field_column}) IN ({', '.join(fields)})"
        for table in tables
        if table.field_column is not None
    }


def values_held(connection: duckdb.DuckDBPyConnection, gone: NotAgreed) -> dict[str, int]:
    """Each field or source that goes to the number of rows that have a value of it."""
    there = columns_there(connection, "restricted")
    counts = {}
    for name, fields in gone.fields.items():
        for field in fields:
            found = f"SELECT count(*) FROM restricted.{quoted_name(raw_table(name))} WHERE "
            number = (
                one_number(connection, f"{found}{quoted_name(field)} IS NOT NULL")
                if field in there.get(raw_table(name), ())
                else 0
            )
            number += one_number(
                connection,
                "SELECT count(*) FROM restricted.set_aside_rows WHERE source = ? "
                f"AND {_sent(field)} IS NOT NULL",
                [name],
            )
            counts[f"{name}.{field}"] = number
    for name in gone.sources:
        table = quoted_name(raw_table(name))
        raw = f"SELECT count(*) FROM restricted.{table}" if raw_table(name) in there else "SELECT 0"
        aside = "SELECT count(*) FROM restricted.set_aside_rows WHERE source = ?"
        counts[name] = one_number(connection, raw) + one_number(connection, aside, [name])
    return counts


def texts_that_go(connection: duckdb.DuckDBPyConnection, gone: NotAgreed) -> set[str]:
    """What stands in what goes and in no other field, as it is compared."""
    leaving: set[str] = set()
    staying: set[str] = set()
    for query, goes in _texts(connection, gone):
        found = {comparable(text) for (text,) in connection.execute(query).fetchall()}
        (leaving if goes else staying).update(found)
    staying_text = "\n".join(staying)
    return {v for v in leaving - staying if v and v not in staying_text and not is_plain(v)}


def tells_of(gone: NotAgreed, text: str) -> bool:
    """Whether a text, such as that of an answer to a subject access request, has the name of a
    field or of the table of a source that goes."""
    fields = {field for own in gone.fields.values() for field in own}
    named = [*fields, *(raw_table(name) for name in gone.sources)]
    return any(f'"{name}"' in text for name in named)


def verify_not_held(folder: DataFolder, policy: Policy, gone: NotAgreed) -> None:
    """Checks that nothing of what goes is in the restricted store.

    Raises:
        ErasureNotVerifiedError: something is left.
    """
    with open_stores(folder, read=["restricted"]) as connection:
        left = set(no_longer_agreed(connection, policy).names)
    if left & set(gone.names):
        raise ErasureNotVerifiedError(
            "Something that is no longer agreed is still in the restricted store; run "
            "safer-streets retention --enforce again, and report it if this happens twice."
        )


def _texts(connection: duckdb.DuckDBPyConnection, gone: NotAgreed) -> Iterator[tuple[str, bool]]:
    """The query of the texts of each field of each source, and whether it goes."""
    for table, columns in columns_there(connection, "restricted").items():
        if not table.endswith(_RAW):
            continue
        name = table.removesuffix(_RAW)
        for column in columns:
            if column not in ROW_KEYS:
                goes = name in gone.sources or column in gone.fields.get(name, ())
                yield (
                    f"SELECT DISTINCT {quoted_name(column)} AS text FROM "
                    f"restricted.{quoted_name(table)} WHERE text IS NOT NULL",
                    goes,
                )
    for name, field in _set_aside(connection, "restricted"):
        goes = name in gone.sources or field in gone.fields.get(name, ())
        yield (
            f"SELECT DISTINCT {_sent(field)} AS text FROM restricted.set_aside_rows "
            f"WHERE source = {quoted_text(name)} AND text IS NOT NULL",
            goes,
        )


def _set_aside(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """The fields of the rows set aside, by source."""
    return connection.execute(
        "SELECT DISTINCT source, unnest(json_keys(values_sent)) AS field "
        f"FROM {database}.set_aside_rows ORDER BY ALL"
    ).fetchall()


def _has_rows(
    connection: duckdb.DuckDBPyConnection, name: str, there: Collection[str], database: str
) -> bool:
    aside = f"SELECT count(*) FROM {database}.set_aside_rows WHERE source = ?"
    table = f"{database}.{quoted_name(raw_table(name))}"
    raw = raw_table(name) in there and one_number(connection, f"SELECT count(*) FROM {table}")
    return bool(raw) or one_number(connection, aside, [name]) > 0


def _values_without(gone: NotAgreed) -> str:
    """The values of a row set aside without those that go, in SQL."""
    patches = []
    for name, fields in gone.fields.items():
        patch = "{" + ", ".join(f'"{field}": null' for field in fields) + "}"
        patches.append(
            f"WHEN {quoted_text(name)} THEN json_merge_patch(values_sent, {quoted_text(patch)})"
        )
    return f"CASE source {' '.join(patches)} ELSE values_sent END::JSON"


def _sent(field: str) -> str:
    path = f'$."{field}"'
    return f"json_extract_string(values_sent, {quoted_text(path)})"
