"""The proof of tables about to be printed: with earlier releases, and where counts fell."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.disclosure import core, joint_protection
from safer_streets_assets.disclosure.core.proof import INSIDER
from safer_streets_assets.disclosure.earlier import (
    earlier_releases,
    published_files,
    structure_of,
)
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.kept_secrets import (
    EarlierReleaseError,
    ensure_secrets,
    keep_secrets,
)
from safer_streets_assets.disclosure.printed_before import printed_before
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.proving import unproven_tables
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc

POLICY = load_policy()
STAGES = POLICY.dpia.cohort.stages
TABLES = ("funnel", "funnel_by_borough")
SHARES = (1.0, 0.9, 0.8, 0.6, 0.5, 0.3, 0.2)
Counts = dict[str, int]


def aggregates_of(sentenced: Counts) -> dict[str, pd.DataFrame]:
    """The funnel and the funnel by borough, from how many were sentenced in each borough."""
    rows = [
        (borough, stage, int(n * share))
        for borough, n in sentenced.items()
        for stage, share in zip(STAGES, SHARES, strict=True)
    ]
    cells = pd.DataFrame(rows, columns=["borough", "stage", "n"])
    totals = cells.groupby("stage", sort=False, as_index=False)["n"].sum()
    by_borough = pd.concat([cells, totals.assign(borough="Total")], ignore_index=True)
    return {
        "funnel": totals.astype({"n": "Int64"}),
        "funnel_by_borough": by_borough.astype({"n": "Int64"}),
    }


def publish(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, made: ProtectedTables
) -> None:
    """Puts a release down as the release step does, as far as later proofs read it."""
    number = len(connection.execute("FROM registers.releases").fetchall()) + 1
    place = folder.releases / f"r{number:04d}-test"
    (place / "csv").mkdir(parents=True)
    facts = {"number": number, "content_hash": "x", "structure": structure_of(made)}
    files = {"release.json": json.dumps(facts)}
    files |= {f"csv/{name}.csv": frame.to_csv(index=False) for name, frame in made.tables.items()}
    sums = []
    for name, text in files.items():
        (place / name).write_text(text)
        sums.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}")
    (place / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    keep_secrets(connection, number, made)
    connection.execute(
        "INSERT INTO registers.releases VALUES (?, ?, ?, 'x', 'x', 'x')",
        [place.name, number, now_utc()],
    )


def protect(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, policy: Policy, sentenced: Counts
) -> StoredProtection:
    """Protects tables against all releases so far, and keeps what only the restricted store may."""
    earlier = earlier_releases(folder, connection)
    before = printed_before(folder, connection, policy)
    made = protect_tables(policy, aggregates_of(sentenced), earlier, before=before)
    number = len(earlier_releases(folder, connection)) + 1
    keep_secrets(connection, number, made)
    return StoredProtection(made.tables, made.summary, structure_of(made), number)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path, tmp_path / "keys").prepare()


@pytest.fixture
def connection(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_stores(folder, write=["restricted", "registers"]) as opened:
        ensure_registers(opened)
        ensure_secrets(opened)
        first = {"Hackney": 120, "Lambeth": 90, "Brent": 60, "Ealing": 14}
        publish(folder, opened, protect_tables(POLICY, aggregates_of(first)))
        yield opened


@pytest.mark.parametrize(
    "sentenced",
    [
        {"Hackney": 160, "Lambeth": 130, "Brent": 90, "Ealing": 40},
        {"Hackney": 80, "Lambeth": 130, "Brent": 60, "Ealing": 14},
        {"Hackney": 121, "Lambeth": 89, "Brent": 60, "Ealing": 15},
    ],
    ids=["counts that grew", "counts that fell", "counts that moved a little"],
)
def test_what_protection_made_is_proven_with_the_release_before(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, sentenced: Counts
) -> None:
    stored = protect(folder, connection, POLICY, sentenced)
    assert unproven_tables(POLICY, folder, connection, stored) == {}


def test_a_printed_move_of_less_than_the_threshold_is_not_proven(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection
) -> None:
    moved = {"Hackney": 122, "Lambeth": 90, "Brent": 60, "Ealing": 14}
    stored = protect(folder, connection, POLICY, moved)
    unprotected = aggregates_of(moved)
    for name in TABLES:
        stored.tables[name]["n"] = unprotected[name]["n"]
    assert unproven_tables(POLICY, folder, connection, stored)


def _blind_to_insiders(*tables: Any, insiders: bool, **named: Any) -> core.Protection:
    return core.protect(*tables, insiders=False, **named)


def test_what_somebody_alone_in_a_hidden_cell_could_break_is_not_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentenced = {"Hackney": 6, "Lambeth": 29, "Brent": 19, "Ealing": 27}
    folder = DataFolder(tmp_path, tmp_path / "keys").prepare()
    with open_stores(folder, write=["restricted", "registers"]) as opened:
        ensure_registers(opened)
        ensure_secrets(opened)
        safe = protect(folder, opened, POLICY, sentenced)
        assert unproven_tables(POLICY, folder, opened, safe) == {}
        monkeypatch.setattr(joint_protection, "protect", _blind_to_insiders)
        stored = protect(folder, opened, POLICY, sentenced)
        unproven = unproven_tables(POLICY, folder, opened, stored)
    assert set(unproven.values()) == {INSIDER}
    assert not any(letter.isdigit() for letter in INSIDER)


def test_an_earlier_release_that_has_changed_stops_the_proof(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection
) -> None:
    stored = protect(folder, connection, POLICY, {"Hackney": 160, "Lambeth": 130})
    table = next(folder.releases.iterdir()) / "csv" / "funnel_by_borough.csv"
    table.write_text(table.read_text().replace("120", "125"))
    with pytest.raises(EarlierReleaseError):
        unproven_tables(POLICY, folder, connection, stored)


def test_files_that_were_read_are_not_read_again(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection
) -> None:
    files = published_files(folder, connection)
    stored = protect(folder, connection, POLICY, {"Hackney": 160, "Lambeth": 130})
    shutil.rmtree(folder.releases)
    assert unproven_tables(POLICY, folder, connection, stored, files) == {}
    assert len(printed_before(folder, connection, POLICY, files).tables) == len(files) == 1
