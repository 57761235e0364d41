"""Blots identifiers of who is erased out of what is kept beside rows: names of files, typed texts.

Only the words of the identifier go, so that a publication keeps its title and a breach its story.
Free texts are not blotted out: the same words in a register may be somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

import duckdb

from safer_streets_assets.retention.traces.fingerprints import Searcher, ValueFound
from safer_streets_assets.retention.traces.own_words import is_own
from safer_streets_assets.stores.queries import columns_in
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

REDACTED = "[erased]"


def blot(text: str, searcher: Searcher) -> str:
    """A text without the identifiers that are found in it."""
    for found in _identifiers(text, searcher):
        text = _pattern(found).sub(REDACTED, text)
    return REDACTED if _identifiers(text, searcher) else text


def blotted_columns(
    connection: duckdb.DuckDBPyConnection,
    searcher: Searcher,
    tables: Collection[str],
    database: str,
) -> dict[str, list[str]]:
    """Table of a database to what replaces its columns (`... AS column`), where anything does.

    Keys are left as they are: they are random, or hashes.
    """
    keys = connection.execute(
        "SELECT table_name, unnest(constraint_column_names) FROM duckdb_constraints() "
        "WHERE database_name = ? AND constraint_type = 'PRIMARY KEY'",
        [database],
    ).fetchall()
    replaced: dict[str, list[str]] = {}
    for column in columns_in(connection, database):
        if column.schema != "main" or column.type not in ("VARCHAR", "VARCHAR[]"):
            continue
        if column.table not in tables or (column.table, column.name) in keys:
            continue
        name, is_list = quoted_name(column.name), column.type.endswith("[]")
        cell = f"unnest({name})" if is_list else name
        texts = connection.execute(
            f"SELECT DISTINCT {cell} FROM {column.place(database)}"
        ).fetchall()
        changes = _changes((t for (t,) in texts if t), lambda text: blot(text, searcher))
        if changes:
            map_of = f"MAP {{{', '.join(changes)}}}"
            becomes = f"coalesce({map_of}[{name}], {name})"
            if is_list:
                one = f"coalesce({map_of}[cell], cell)"
                becomes = f"list_transform({name}, lambda cell: {one})"
            replaced.setdefault(column.table, []).append(f"{becomes} AS {name}")
    return replaced


def _changes(texts: Iterable[str], changed: Callable[[str], str]) -> list[str]:
    pairs = ((text, changed(text)) for text in texts)
    return [f"{quoted_text(was)}: {quoted_text(new)}" for was, new in pairs if was != new]


def _identifiers(text: str, searcher: Searcher) -> set[ValueFound]:
    return {
        found
        for found in searcher.found(text)
        if found.kind != "free text" and not is_own(found, text)
    }


def _pattern(found: ValueFound) -> re.Pattern[str]:
    if found.kind == "crn":
        return re.compile(re.escape(found.as_written))
    words = r"[\W_]+".join(map(re.escape, found.words.split(" ")))
    return re.compile(rf"(?<![^\W_]){words}(?![^\W_])", re.IGNORECASE)
