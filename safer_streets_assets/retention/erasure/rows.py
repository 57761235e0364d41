"""Erases rows of a store that itself stays: what is due while an exception keeps the rest of it.

Rows are deleted and the store is rebuilt under a new key, because `DELETE` leaves the bytes in the
file. Every function can be run again after it was killed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import ErasureNotVerifiedError
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.records.certificates import PendingErasure
from safer_streets_assets.stores import DataFolder, Keys, StoreName, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.files import overwrite_and_unlink
from safer_streets_assets.stores.layout import TABLE as LAYOUT
from safer_streets_assets.stores.queries import all_tables_in, one_number
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

METHOD_ROWS = (
    "rows deleted and their store rebuilt under a new key; the old key and file overwritten in "
    "place with 3 random passes and unlinked"
)
VERIFIED_ROWS = (
    "verified: no row of it is in the rebuilt store, and no key in the keys folder ever opened the "
    "old one"
)
_STORES: tuple[StoreName, ...] = ("restricted", "research")


@dataclass(frozen=True)
class RowErasure:
    """Rows that go while their store stays: those of a source, or of a table.

    With `derived` everything made of them goes as well: the research store is emptied but for the
    tables `kept` by exception, and the next run makes what is left anew.
    """

    store: StoreName
    source: str | None = None
    table: str | None = None
    derived: bool = False
    kept: frozenset[str] = frozenset()


def row_erasures(
    policy: Policy, due: Mapping[str, str], excepted: Collection[str]
) -> dict[str, RowErasure]:
    """Holding to what goes of it by rows: parts of stores that are not due as a whole.

    `due` maps each holding that is to be erased to its rule; `excepted` are the holdings that an
    exception keeps.
    """
    found = {}
    kept = frozenset(n.removeprefix("research/") for n in excepted if n.startswith("research/"))
    for name, rule in due.items():
        store, _, part = name.partition("/")
        for own in _STORES:
            if store != own or part == "store" or f"{store}/store" in due:
                continue
            if own == "restricted" and part in policy.sources:
                derived = rule == rules.STAGE_STOPPED and "store" not in kept
                found[name] = RowErasure(own, source=part, derived=derived, kept=kept)
            else:
                found[name] = RowErasure(own, table=part)
    return found


def stores_of(erasure: RowErasure | None) -> list[str]:
    """The stores that are rebuilt for it, each of which has a key of its name."""
    if erasure is None:
        return []
    return [erasure.store, *(["research"] if erasure.derived else [])]


def delete_rows(folder: DataFolder, policy: Policy, erasures: Mapping[str, RowErasure]) -> None:
    """Deletes the rows, what is made of them, and the workbooks that would send them back.

    Raises:
        KeyMissingError, StoreError: a store does not open.
    """
    for store in _touched(folder, erasures):
        with open_stores(folder, write=[store]) as connection:
            for table, condition in _going(connection, policy, store, erasures):
                connection.execute(f"DELETE FROM {table} WHERE {condition}")
    for erasure in erasures.values():
        if erasure.source is not None and folder.returns.is_dir():
            for path in sorted(folder.returns.glob(f"*{erasure.source}.*")):
                overwrite_and_unlink(path)


def rebuild_without(
    folder: DataFolder, erasures: Mapping[str, RowErasure], begun: Iterable[PendingErasure]
) -> None:
    """Rebuilds the stores that rows were deleted from, unless that is done already.

    A store that stands under another key than when the erasures were begun is rebuilt.
    """
    before = {mark for erasure in begun for mark in erasure.key_fingerprints}
    for store in _touched(folder, erasures):
        path = Keys(folder.keys).path(store)
        if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() in before:
            rebuild_store(folder, store)


def verify_rows_gone(
    folder: DataFolder, policy: Policy, erasures: Mapping[str, RowErasure]
) -> None:
    """Checks that no row of them is left in a store.

    Raises:
        ErasureNotVerifiedError: a row is left.
    """
    for store in _touched(folder, erasures):
        with open_stores(folder, read=[store]) as connection:
            for table, condition in _going(connection, policy, store, erasures):
                if one_number(connection, f"SELECT count(*) FROM {table} WHERE {condition}"):
                    raise ErasureNotVerifiedError(
                        f"Rows that were to be erased are still in the {store} store; run "
                        "safer-streets retention --enforce again, and report it if this happens "
                        "twice."
                    )


def _touched(folder: DataFolder, erasures: Mapping[str, RowErasure]) -> list[StoreName]:
    wanted = {store for erasure in erasures.values() for store in stores_of(erasure)}
    return [store for store in _STORES if store in wanted and folder.database(store).exists()]


def _going(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    store: StoreName,
    erasures: Mapping[str, RowErasure],
) -> list[tuple[str, str]]:
    """The tables of a store that lose rows, as SQL names, each with which of its rows go."""
    there = {
        table if schema == "main" else f"{schema}.{table}": (schema, table)
        for schema, table in all_tables_in(connection, store)
        if table != LAYOUT
    }
    going: dict[str, str] = {}
    if store == "restricted":
        going |= of_sources(policy, [e.source for e in erasures.values() if e.source], there)
    with_it = {name: table.goes_with for name, table in Catalogue(policy).of_store(store).items()}
    for erasure in erasures.values():
        if store == "research" and erasure.derived:
            going |= {name: "true" for name in there if _line_of(name) not in erasure.kept}
        if erasure.store == store and erasure.table is not None:
            going |= {
                name: "true"
                for name in there
                if erasure.table in (_line_of(name), with_it.get(name))
            }
    return [
        (f"{store}.{quoted_name(schema)}.{quoted_name(table)}", going[name])
        for name, (schema, table) in there.items()
        if name in going
    ]


def _line_of(table: str) -> str:
    """The line of the register that a table stands under: those of a schema share one."""
    schema, _, below = table.partition(".")
    return f"{schema}.*" if below else schema


def of_sources(
    policy: Policy, gone: Collection[str], there: Collection[str], database: str = "restricted"
) -> dict[str, str]:
    """Table to which of its rows go with those of some sources: people whom no other sent too."""
    if not gone:
        return {}
    tables = Catalogue(policy).of_store("restricted").values()
    sent = " UNION ".join(
        f"SELECT {column} AS crn FROM {database}.{quoted_name(table.name)}"
        for table in tables
        if table.as_sent and table.name in there and not set(table.sources) & set(gone)
        for column in table.crn_columns
    )
    unknown = f"NOT IN (SELECT crn FROM ({sent or 'SELECT NULL AS crn'}) WHERE crn IS NOT NULL)"
    listed = ", ".join(quoted_text(name) for name in gone)
    going = {raw_table(name): "true" for name in gone}
    for table in tables:
        if table.source_column is not None:
            going[table.name] = f"{table.source_column} IN ({listed})"
        elif table.crn_columns and not table.sources and not table.of_people_alone:
            # The first is the CRN that was sent.
            going[table.name] = f"{table.crn_columns[0]} {unknown}"
    return going
