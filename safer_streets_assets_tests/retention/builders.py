"""Small drops with planted people, taken in by the real intake, and what looks for them after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.intake_counts import TakenIn
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import add_publication
from safer_streets_assets.stores import DataFolder, Keys, StoreError, StoreName, open_stores
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import once, shipped_policy

NAME, MANAGER, COMMENT = "Zebedee Quillfeather", "Ottoline Grimbleby", "met Quillfeather's sister"
CRNS = ("Q736251", "X918273", "J564738")
BAD_CRN = "Z11-BROKEN"
LOADED_NAME, REFUSED_NAME = "Quillfeather court.csv", "Grimbleby letter.csv"
UNREADABLE_NAME = "Ottoline unreadable.xlsx"
PLANTED = (NAME, "Quillfeather", MANAGER, "Grimbleby", "Ottoline", *CRNS, BAD_CRN)

_NPS = (
    "Offender Manager Name,CRN,Offender Name,Gender,Date of Birth,Borough,Disposal Date,"
    "Offence Code,Resulting Sentence,Court"
)
_CHECKIN = "ResponseID,SessionDate,CRN,Session,Attended,Comments"


def folder_at(root: Path) -> DataFolder:
    return DataFolder(root, root / "keys")


def nps_csv(crns: tuple[str, ...]) -> str:
    rows = [
        f"{MANAGER},{crn},{NAME},Male,01/02/1990,Lambeth,05/12/2019,00826,Community order,Camden"
        for crn in crns
    ]
    return "\n".join([_NPS, *rows, ""])


def checkin_csv() -> str:
    rows = [f"{n},06/01/2020,{crn},1,Yes,{COMMENT}" for n, crn in enumerate(CRNS, start=1)]
    return "\n".join([_CHECKIN, *rows, ""])


def land(folder: DataFolder, source: str, name: str, content: str | bytes) -> Path:
    place = folder.landing / source / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    return place


def take_everything_in(folder: DataFolder, policy: Policy) -> TakenIn:
    """Two looks, registration, and every source; returns what registration refused."""
    folder.prepare()
    look_at_landing(folder)
    with (
        open_stores(folder, write=["restricted", "registers"]) as connection,
        once(taking.prepare_intake),
    ):
        _, refused = register_landing(connection, folder, policy)
        for source in policy.sources:
            take_in(connection, folder, policy, source)
    return refused


def build(folder: DataFolder, policy: Policy) -> None:
    """A data folder in use: rows, rows set aside, quarantine, research rows, a release."""
    land(folder, "nps_court_outcomes", LOADED_NAME, nps_csv((*CRNS, *CRNS, BAD_CRN)))
    land(folder, "ors_facilitator_checkin", "checkin.csv", checkin_csv())
    land(folder, "nps_court_outcomes", UNREADABLE_NAME, b"PK\x03\x04 Quillfeather")
    land(folder, "Ottoline sent this", REFUSED_NAME, f"{NAME} {CRNS[0]}")
    take_everything_in(folder, policy)
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    stores: list[StoreName] = ["restricted", "research", "registers"]
    for store in stores:  # DuckDB writes to one attached database in a transaction
        with open_stores(folder, write=[store], read=stores):
            pass
    with open_stores(folder, write=stores) as connection:
        make_pseudonyms(connection, folder, policy)
        for source in policy.sources:
            conform(connection, policy, source)
        link_cohort(connection, policy)
    (folder.releases / "r1").mkdir()
    (folder.releases / "r1" / "funnel.csv").write_text("stage,n\nsentenced,30\n")
    (folder.dagster / "runs.db").write_bytes(b"runs")
    (folder.restricted / "spill").mkdir(exist_ok=True)
    (folder.restricted / "spill" / "duckdb_temp_storage-0.tmp").write_text(NAME)
    (folder.root / "README.md").write_text("data\n")
    folder.lock.touch()


def publish(folder: DataFolder, title: str, on: str, now: datetime) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        add_publication(connection, shipped_policy(), title, datetime.fromisoformat(on).date(), now)


def decided(folder: DataFolder, at: datetime) -> None:
    """Moves every decision of the ledger to one time, so that a test may choose its dates."""
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("UPDATE registers.drops SET decided_at = ?", [at])


def files_of(folder: DataFolder) -> dict[str, bytes]:
    """Every file under the data folder and its bytes."""
    return {
        str(path.relative_to(folder.root)): path.read_bytes()
        for path in sorted(folder.root.rglob("*"))
        if path.is_file()
    }


def half_overwritten_registers(folder: DataFolder) -> None:
    """As a kill leaves them while the old registers are overwritten under their second name."""
    path = folder.database("registers")
    shutil.copyfile(path, path.with_name("registers.next.duckdb"))
    path.write_bytes(os.urandom(path.stat().st_size))
    os.link(path, path.with_name("registers.old.duckdb"))


def planted_in(folder: DataFolder, needles: tuple[str, ...] = PLANTED) -> list[str]:
    """Where planted people still stand: bytes and names of files, text of every store."""
    found = []
    for path in folder.root.rglob("*"):
        content = os.fsencode(path.relative_to(folder.root))
        content += path.read_bytes() if path.is_file() else b""
        forms = [(n, form) for n in needles for form in ("utf-8", "utf-16-le", "utf-16-be")]
        found += [f"{path.name}: {n}" for n, form in forms if n.encode(form) in content]
    found += [f"cell: {n}" for cell in _cells(folder) for n in needles if n in cell]
    return found


def _cells(folder: DataFolder) -> Iterator[str]:
    for store in ("restricted", "research", "registers"):
        try:
            with open_stores(folder, read=[store]) as connection:
                yield from list(_cells_of(connection, store))
        except (KeyMissingError, StoreError):
            continue


def _cells_of(connection: duckdb.DuckDBPyConnection, store: str) -> Iterator[str]:
    columns = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?", [store]
    ).fetchall()
    for table, column in columns:
        cells = connection.execute(f'SELECT "{column}"::VARCHAR FROM {store}."{table}"').fetchall()
        yield from (cell for (cell,) in cells if cell is not None)


def certificate_rows(folder: DataFolder) -> list[tuple[object, ...]]:
    with open_stores(folder, read=["registers"]) as connection:
        return connection.execute(
            "SELECT * FROM registers.deletion_certificates ORDER BY certificate_id"
        ).fetchall()


def ledger_states(folder: DataFolder) -> dict[str, str]:
    with open_stores(folder, read=["registers"]) as connection:
        return dict(connection.execute("SELECT drop_id, reason FROM registers.drops").fetchall())


def restricted_rows(folder: DataFolder) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the restricted store with its rows, but for what it says of its layout."""
    with open_stores(folder, read=["restricted"]) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'restricted' "
            "AND table_name <> 'layout_versions' ORDER BY 1"
        ).fetchall()
        return {
            table: connection.execute(f"FROM restricted.{table} ORDER BY ALL").fetchall()
            for (table,) in tables
        }
