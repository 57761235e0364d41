"""Earlier releases as the disclosure core takes them: only what was printed, and its structure.

The structure of a release says how its printed tables are tables of the core: it is written into
`release.json`, so that an earlier release can be attacked long after the policy has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import (
    CellRef,
    Evidence,
    Link,
    PrintedTable,
    PublishedRelease,
    TableSpec,
    rounded,
)
from safer_streets_assets.disclosure.core.system import ASIDE, Cell, Lasting
from safer_streets_assets.disclosure.shape import Part
from safer_streets_assets.disclosure.told import facts_told
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import one_number

if TYPE_CHECKING:
    from safer_streets_assets.disclosure.protecting import ProtectedTables


LOST = (
    "What the restricted store keeps of an earlier release is missing; restore the restricted "
    "store from its backup."
)


class EarlierReleaseError(SaferStreetsError):
    """An earlier release is not there as it was published, so nothing can be proven against it."""


def structure_of(protected: ProtectedTables) -> dict[str, Any]:
    """The structure of protected tables: JSON-able, with nothing in it that is not printed."""
    core = protected.core
    return structure_from(
        core.threshold, protected.parts, protected.links, core.withheld, protected.told
    )


def structure_from(
    threshold: int,
    found: Mapping[str, list[Part]],
    links: Sequence[Link],
    withheld: Container[str],
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """The structure of tables with these parts, of which those parts are withheld, and what else
    is told (see `told_by`)."""
    return {
        **told,
        "threshold": threshold,
        "tables": [
            {
                "table": part.table,
                "rows": [int(row) for row in part.rows],
                "renamed": dict(part.renamed),
                "withheld": part.spec.name in withheld,
                "spec": _spec_json(part.spec),
            }
            for parts in found.values()
            for part in parts
        ],
        "links": [
            {
                "is_count": link.is_count,
                "terms": [
                    [times, ref.table, dict(ref.coords), ref.measure] for times, ref in link.terms
                ],
            }
            for link in links
        ],
    }


def as_published(
    name: str,
    structure: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    not_monotone: frozenset[Any] = frozenset(),
) -> PublishedRelease:
    """What a release printed, from its structure and its printed tables (rows in their order)."""
    rounding = structure.get("rounding")
    printed = [_printed(entry, tables[entry["table"]], rounding) for entry in structure["tables"]]
    return PublishedRelease(
        name=name,
        tables=printed,
        threshold=int(structure["threshold"]),
        not_monotone=not_monotone,
        links=[_link(entry) for entry in structure["links"]],
        facts=facts_told(structure, printed, tables),
    )


def printed_files(
    path: Path, registered: tuple[int, str] | None = None
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The structure and the printed tables (as text) of a release folder, by its checksums.

    With `registered`, release.json has to state that number and content hash.

    Raises:
        OSError, ValueError, KeyError: a file is missing, or is not the one that was put there.
    """
    sums = _checksums(path)
    facts = json.loads(_verified(path, "release.json", sums))
    if registered is not None and (facts["number"], facts["content_hash"]) != registered:
        raise ValueError
    names = sorted({entry["table"] for entry in facts["structure"]["tables"]})
    return facts["structure"], {name: _read_csv(path, name, sums) for name in names}


def earlier_releases(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection
) -> list[PublishedRelease]:
    """Every release ever published, oldest first; the registers and restricted store are attached.

    Raises:
        EarlierReleaseError: a release on the register is missing, or its files have changed.
    """
    rows = connection.execute(
        "SELECT release_id, number, content_hash FROM registers.releases ORDER BY number"
    ).fetchall()
    return [
        _load(folder.releases / release_id, number, content_hash, fallen_counts(connection, number))
        for release_id, number, content_hash in rows
    ]


def ensure_secrets(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table of the restricted store that keeps what a release must not tell."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS restricted.release_secrets "
        "(number INTEGER PRIMARY KEY, not_monotone JSON NOT NULL, witnesses JSON NOT NULL)"
    )


def keep_secrets(
    connection: duckdb.DuckDBPyConnection, number: int, protected: ProtectedTables
) -> None:
    """Keeps the whole table behind a release and its witnesses (see `check_witnesses`), what it
    tabulated, and which counts fell, in the restricted store."""
    fallen = [
        [*key[:2], [list(pair) for pair in key[2]]] for key in sorted(protected.core.not_monotone)
    ]
    counts = [
        [list(cell), count] for cell, count in protected.core.counts if cell.population != ASIDE
    ]
    tabulated = [[list(key), count] for key, count in sorted(protected.tabulated.items())]
    witnesses = [
        {
            "cells": [list(cell) for cell in witness.cells],
            "moved": [[list(cell), by] for cell, by in witness.moved if cell.population != ASIDE],
        }
        for witness in protected.core.witnesses
    ]
    connection.execute(
        "INSERT OR REPLACE INTO restricted.release_secrets VALUES (?, ?, ?)",
        [
            number,
            json.dumps(fallen),
            json.dumps({"counts": counts, "witnesses": witnesses, "tabulated": tabulated}),
        ],
    )


def fallen_counts(connection: duckdb.DuckDBPyConnection, number: int) -> frozenset[Any]:
    """The cells of a release whose true count fell below an earlier one."""
    found = connection.execute(
        "SELECT not_monotone FROM restricted.release_secrets WHERE number = ?", [number]
    ).fetchone()
    if found is None:
        raise EarlierReleaseError(LOST)
    return frozenset(
        (population, measure, tuple((dimension, value) for dimension, value in coords))
        for population, measure, coords in json.loads(found[0])
    )


def kept_evidence(connection: duckdb.DuckDBPyConnection, number: int) -> Evidence:
    """The whole table and the witnesses that were kept of a release; the proof believes neither.

    Raises:
        EarlierReleaseError: nothing was kept of it.
    """
    kept = _secrets(connection, number)
    counts = {_cell(cell): int(count) for cell, count in kept["counts"]}
    moves = [
        tuple((_cell(cell), int(by)) for cell, by in witness["moved"])
        for witness in kept["witnesses"]
    ]
    return Evidence(counts, moves)


def tabulated_counts(connection: duckdb.DuckDBPyConnection, number: int) -> dict[Lasting, int]:
    """What a release tabulated, hidden counts too.

    Raises:
        EarlierReleaseError: nothing was kept of it.
    """
    return {
        (population, measure, tuple((d, c) for d, c in coords)): int(count)
        for (population, measure, coords), count in _secrets(connection, number)["tabulated"]
    }


def _secrets(connection: duckdb.DuckDBPyConnection, number: int) -> dict[str, Any]:
    found = connection.execute(
        "SELECT witnesses FROM restricted.release_secrets WHERE number = ?", [number]
    ).fetchone()
    if found is None:
        raise EarlierReleaseError(LOST)
    secrets: dict[str, Any] = json.loads(found[0])
    return secrets


def _cell(stored: Sequence[Any]) -> Cell:
    release, population, measure, coords = stored
    return Cell(release, population, measure, tuple((d, c) for d, c in coords))


def next_number(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the release that would be published next."""
    return one_number(connection, "SELECT coalesce(max(number), 0) + 1 FROM registers.releases")


def _load(
    path: Path, number: int, content_hash: str, not_monotone: frozenset[Any]
) -> PublishedRelease:
    try:
        structure, tables = printed_files(path, (number, content_hash))
    except (OSError, ValueError, KeyError):
        raise EarlierReleaseError(
            f"Release {path.name} is missing or has changed since it was published; restore its "
            "folder from a backup before publishing again."
        ) from None
    return as_published(path.name, structure, tables, not_monotone)


def _checksums(path: Path) -> dict[str, str]:
    lines = (path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _verified(path: Path, name: str, sums: Mapping[str, str]) -> bytes:
    content = (path / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != sums[name]:
        raise ValueError
    return content


def _read_csv(path: Path, name: str, sums: Mapping[str, str]) -> pd.DataFrame:
    _verified(path, f"csv/{name}.csv", sums)
    return pd.read_csv(path / "csv" / f"{name}.csv", dtype="string", keep_default_na=False)


def _printed(
    entry: Mapping[str, Any], frame: pd.DataFrame, rounding: Mapping[str, int] | None
) -> PrintedTable:
    spec = _spec(entry["spec"])
    part = Part(entry["table"], spec, pd.Index(entry["rows"]), entry["renamed"])
    cells = part.cells(frame)
    for measure in spec.measures:
        cells[measure] = pd.to_numeric(cells[measure].replace("", pd.NA)).astype("Int64")
    printed = PrintedTable(spec, cells, withheld=entry["withheld"])
    if rounding is None:
        return printed
    return rounded(printed, int(rounding["base"]), "controlled", int(rounding["steps"]))


def _spec_json(spec: TableSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "dimensions": list(spec.dimensions),
        "population": spec.population,
        "fixed": dict(spec.fixed),
        "nested": spec.nested,
        "nested_order": list(spec.nested_order),
        "measures": list(spec.measures),
        "nested_measures": list(spec.nested_measures),
    }


def _spec(entry: Mapping[str, Any]) -> TableSpec:
    sequences = ("dimensions", "nested_order", "measures", "nested_measures")
    facts: dict[str, Any] = {k: tuple(v) if k in sequences else v for k, v in entry.items()}
    return TableSpec(**facts)


def _link(entry: Mapping[str, Any]) -> Link:
    terms = tuple(
        (int(times), CellRef(table, coords, measure))
        for times, table, coords, measure in entry["terms"]
    )
    return Link(terms=terms, is_count=bool(entry["is_count"]))
