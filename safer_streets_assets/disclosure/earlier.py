"""Earlier releases as the disclosure core takes them: only what was printed, and its structure.

The structure of a release says how its printed tables are tables of the core: it is written into
`release.json`, so that an earlier release can be attacked long after the policy has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core import (
    Link,
    PrintedTable,
    PublishedRelease,
    TableSpec,
    rounded,
)
from safer_streets_assets.disclosure.core_tables import RecordedLevels, TablePart
from safer_streets_assets.disclosure.kept_secrets import (
    EarlierReleaseError,
    equal_of_day,
    fallen_counts,
    lone_counts,
)
from safer_streets_assets.disclosure.links import link_from_json, link_to_json
from safer_streets_assets.disclosure.printed_facts import facts_told
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import one_number


@dataclass(frozen=True)
class PublishedFiles:
    """What a release's folder holds: the structure, and the printed tables (as text) by name."""

    name: str
    number: int
    structure: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]


def structure_of(
    protected: ProtectedTables, levels: RecordedLevels | None = None
) -> dict[str, Any]:
    """The structure of protected tables: JSON-able, with nothing in it that is not printed."""
    core = protected.core
    return structure_from(
        core.threshold, protected.parts, protected.links, core.withheld, protected.told, levels
    )


def structure_from(
    threshold: int,
    found: Mapping[str, list[TablePart]],
    links: Sequence[Link],
    withheld: Container[str],
    told: Mapping[str, Any],
    levels: RecordedLevels | None = None,
) -> dict[str, Any]:
    """The structure of tables with these parts, of which those parts are withheld, at `levels`, and
    what else is told (see `told_by`)."""
    return {
        **told,
        "threshold": threshold,
        "levels": {name: dict(own) for name, own in (levels or {}).items()},
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
        "links": [link_to_json(link) for link in links],
    }


def as_published(
    name: str,
    structure: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    not_monotone: frozenset[Any] = frozenset(),
    alone: frozenset[Any] | None = None,
    of_day: Sequence[Link] = (),
) -> PublishedRelease:
    """What a release printed, from its structure and its printed tables (rows in their order), and
    what was equal `of_day` beside that."""
    rounding = structure.get("rounding")
    printed = [_printed(entry, tables[entry["table"]], rounding) for entry in structure["tables"]]
    return PublishedRelease(
        name=name,
        tables=printed,
        threshold=int(structure["threshold"]),
        not_monotone=not_monotone,
        links=[*map(link_from_json, structure["links"]), *of_day],
        facts=facts_told(structure, printed, tables),
        alone=alone,
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


def registered_files(
    path: Path, number: int, content_hash: str
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The structure and the printed tables (as text) of a release as the register has it.

    Raises:
        EarlierReleaseError: it is missing, or is not what was published.
    """
    try:
        return printed_files(path, (number, content_hash))
    except (OSError, ValueError, KeyError):
        raise EarlierReleaseError(
            f"Release {path.name} is missing or has changed since it was published; restore its "
            "folder from a backup before publishing again."
        ) from None


def published_files(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection
) -> list[PublishedFiles]:
    """The files of every release ever published, oldest first; the registers are attached.

    Raises:
        EarlierReleaseError: a release on the register is missing, or its files have changed.
    """
    rows = connection.execute(
        "SELECT release_id, number, content_hash FROM registers.releases ORDER BY number"
    ).fetchall()
    return [
        PublishedFiles(
            name, number, *registered_files(folder.releases / name, number, content_hash)
        )
        for name, number, content_hash in rows
    ]


def earlier_releases(
    folder: DataFolder,
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[PublishedFiles] | None = None,
) -> list[PublishedRelease]:
    """Every release ever published, oldest first; the registers and restricted store are attached.
    `files` are theirs (None: they are read).

    Raises:
        EarlierReleaseError: a release on the register is missing, or its files have changed.
    """
    return [
        as_published(
            one.name,
            one.structure,
            one.tables,
            fallen_counts(connection, one.number),
            lone_counts(connection, one.number),
            equal_of_day(connection, one.number),
        )
        for one in (published_files(folder, connection) if files is None else files)
    ]


def next_number(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the release that would be published next."""
    return one_number(connection, "SELECT coalesce(max(number), 0) + 1 FROM registers.releases")


def _checksums(path: Path) -> dict[str, str]:
    lines = (path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _verified(path: Path, name: str, sums: Mapping[str, str]) -> bytes:
    content = (path / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != sums[name]:
        raise ValueError
    return content


def _read_csv(path: Path, name: str, sums: Mapping[str, str]) -> pd.DataFrame:
    content = BytesIO(_verified(path, f"csv/{name}.csv", sums))
    return pd.read_csv(content, dtype="string", keep_default_na=False)


def _printed(
    entry: Mapping[str, Any], frame: pd.DataFrame, rounding: Mapping[str, int] | None
) -> PrintedTable:
    spec = _spec(entry["spec"])
    part = TablePart(entry["table"], spec, pd.Index(entry["rows"]), entry["renamed"])
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
        "hierarchies": {d: dict(parents) for d, parents in spec.hierarchies.items()},
        "sensitive": spec.sensitive,
    }


def _spec(entry: Mapping[str, Any]) -> TableSpec:
    sequences = ("dimensions", "nested_order", "measures", "nested_measures")
    facts: dict[str, Any] = {k: tuple(v) if k in sequences else v for k, v in entry.items()}
    return TableSpec(**facts)
