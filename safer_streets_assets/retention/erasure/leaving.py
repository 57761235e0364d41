"""What of the rows that go is looked for afterwards: identifiers, and what people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb

from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.retention.erasure.subjects import sources_there
from safer_streets_assets.retention.traces.fingerprints import comparable, is_plain
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.sql_files import quoted_name

_IDENTIFIER, _FREE_TEXT = "direct identifier", "free text"


@dataclass(frozen=True)
class Leaving:
    """Values that stand in rows that go and in none that stays, as they are compared; and how many
    free texts are left out because they stand in an approved quote."""

    identifiers: frozenset[str] = field(repr=False)
    texts: frozenset[str] = field(repr=False)
    quoted: int


def values_going(
    connection: duckdb.DuckDBPyConnection, policy: Policy, conditions: Mapping[str, str]
) -> Leaving:
    """The identifiers and free texts of the rows that go: table to condition, see `subjects`.

    A free text that is also a category of the same rows (a borough) is none: it is printed. Nor is
    one that stands in a quote that was approved: releases that were published have it, and stay.
    """
    found: dict[str, set[str]] = {_IDENTIFIER: set(), _FREE_TEXT: set(), "category": set()}
    staying = _of_objections(connection, conditions)
    for name, source in sources_there(connection, policy, "restricted").items():
        for agreed in source.fields:
            if agreed.kind not in ("text", "crn"):
                continue
            kind = agreed.field_class if agreed.field_class in found else "category"
            for text, goes in _values(connection, name, source, agreed, conditions):
                (found[kind] if goes else staying).add(comparable(text) if text else "")
    staying_text = "\n".join(staying)

    def proving(values: set[str]) -> set[str]:
        left = (value for value in values - staying if value and value not in staying_text)
        return {value for value in left if not is_plain(value)}

    identifiers = proving({turned for one in found[_IDENTIFIER] for turned in _turned(one)})
    texts = proving(found[_FREE_TEXT] - found["category"]) - identifiers
    quotes = "\n".join(_quoted(connection))
    quoted = {text for text in texts if text in quotes}
    return Leaving(frozenset(identifiers), frozenset(texts - quoted), len(quoted))


def _turned(value: str) -> set[str]:
    """A value beginning with each of its words in turn: surname first, or forename first."""
    words = value.split(" ")
    return {" ".join([*words[at:], *words[:at]]) for at in range(len(words))}


def _of_objections(
    connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str]
) -> set[str]:
    """CRNs of objections that stay: a person's own, which does not go with a drop."""
    if "objections" not in tables_in(connection, "restricted"):
        return set()
    where = f"coalesce({conditions.get('objections', 'false')}, false)"
    query = f"SELECT crn_key FROM restricted.objections WHERE NOT {where}"
    return {comparable(crn) for (crn,) in connection.execute(query).fetchall()}


def _quoted(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The words of quotes that a release may have printed."""
    if "quotes" not in tables_in(connection, "restricted"):
        return set()
    query = "SELECT words FROM restricted.quotes WHERE approved_at IS NOT NULL"
    return {comparable(words) for (words,) in connection.execute(query).fetchall()}


def _values(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: Source,
    agreed: AgreedField,
    conditions: Mapping[str, str],
) -> Iterator[tuple[str | None, bool]]:
    """The values of a field in raw rows and rows set aside, and whether they go."""
    where = f"coalesce({conditions.get(raw_table(name), 'false')}, false)"
    aside = f"coalesce({conditions.get('set_aside_rows', 'false')}, false)"
    for column in (agreed.name, *([CRN_KEY] if agreed.kind == "crn" else [])):
        if column in raw_columns(source):
            yield from connection.execute(
                f"SELECT DISTINCT {quoted_name(column)}, {where} FROM restricted.{raw_table(name)}"
            ).fetchall()
    yield from connection.execute(
        f"SELECT DISTINCT json_extract_string(values_sent, '$.\"{agreed.name}\"'), {aside} "
        "FROM restricted.set_aside_rows WHERE source = ?",
        [name],
    ).fetchall()
