"""Checks after an erasure that nothing of it is left, before a certificate is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb

from safer_streets_assets.retention.certificates import PendingErasure
from safer_streets_assets.retention.errors import ErasureNotVerifiedError
from safer_streets_assets.retention.inventory import Unit
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.keys import keyed_digest, keyed_digest_sql
from safer_streets_assets.stores.sql_files import quoted_name

VERIFIED = "verified: its keys and files are gone, and no key in the keys folder ever opened it"
VERIFIED_REBUILT = (
    f"{VERIFIED}; every text column of the rebuilt restricted store was read and its file name is "
    "in none"
)
VERIFIED_FILES = "verified: its files are gone"
VERIFIED_KEYLESS = (
    f"{VERIFIED_FILES}; its key was not in the keys folder when the erasure began: destroy it "
    "where it is kept"
)
_NO_CELLS = "SELECT NULL::VARCHAR AS cell WHERE false"
VERIFIED_WITH_STORE = "verified: gone with its store, as that store's certificate says"


def statement(erasure: PendingErasure, rebuilt: bool) -> str:
    """What was verified, in the words of the certificate."""
    if rebuilt:
        return VERIFIED_REBUILT
    if erasure.key_fingerprints:
        return VERIFIED
    if erasure.store == "landing":
        return VERIFIED_FILES
    return VERIFIED_KEYLESS if erasure.files else VERIFIED_WITH_STORE


def verify_gone(
    folder: DataFolder, units: Iterable[Unit], erasures: Iterable[PendingErasure]
) -> None:
    """Checks that keys and files of the units are gone, and that no other key file is a copy.

    Raises:
        ErasureNotVerifiedError: something is left.
    """
    for unit in units:
        if unit.there(folder):
            raise _not_verified(unit.name)
    left = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.keys.glob("*.key")}
    for erasure in erasures:
        if left & set(erasure.key_fingerprints):
            raise _not_verified(erasure.holding)


def verify_names_gone(
    connection: duckdb.DuckDBPyConnection, key: str | None, erasures: dict[str, PendingErasure]
) -> None:
    """Checks that no text cell of the restricted store holds the name an erased drop came under.

    `erasures` are by drop id; the restricted store is attached. Another drop that came under the
    same name and is still quarantined may keep it on its own line. Without a key no name was
    known when the erasures were begun.

    Raises:
        ErasureNotVerifiedError: a line or a name is left.
    """
    lines = connection.execute("SELECT drop_id FROM restricted.quarantined_drops").fetchall()
    for (drop_id,) in lines:
        if drop_id in erasures:
            raise _not_verified(erasures[drop_id].holding)
    if key is None:
        return
    names = {e.name_fingerprint: e.holding for e in erasures.values() if e.name_fingerprint}
    marks = {mark.partition(":")[0]: holding for mark, holding in names.items()}
    lengths = [int(length) for mark in names if (length := mark.partition(":")[2])]
    # Only cells as long as a name are hashed: hashing takes longer than all else together.
    as_long = "list_contains($lengths::BIGINT[], strlen(cell))"
    digest, pads = keyed_digest_sql(key)
    cells = " UNION ALL ".join(f"({query} WHERE {as_long})" for query in _text_queries(connection))
    found = connection.execute(
        f"SELECT mark FROM (SELECT {digest} AS mark FROM ({cells or _NO_CELLS})) "
        "WHERE list_contains($marks::VARCHAR[], mark) LIMIT 1",
        {**pads, "lengths": lengths, "marks": list(marks)},
    ).fetchone()
    if found is not None:
        raise _not_verified(marks[found[0]])


def name_fingerprint(key: str, name: str) -> str:
    """A keyed hash of the name that a drop came under, and after a colon its length in bytes."""
    return f"{keyed_digest(key, name)}:{len(name.encode())}"


def _text_queries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    columns = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'restricted' AND data_type IN ('VARCHAR', 'JSON', 'VARCHAR[]') "
        "AND table_name IN (SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = 'restricted') ORDER BY ALL"
    ).fetchall()
    queries = []
    for table, column, kind in columns:
        if (table, column) == ("quarantined_drops", "file_name"):
            continue
        name = quoted_name(column)
        value = f"unnest({name})" if kind.endswith("[]") else f"{name}::VARCHAR"
        rows = f"(SELECT {value} AS cell FROM restricted.{quoted_name(table)})"
        queries.append(f"SELECT cell FROM {rows}")
    return queries


def _not_verified(holding: str) -> ErasureNotVerifiedError:
    return ErasureNotVerifiedError(
        f"Something of holding {holding} is still there after erasing it; run "
        "safer-streets retention --enforce again, and report it if this happens twice."
    )
