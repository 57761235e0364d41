"""The work that `benchmarks.intake` measures, one piece in a process."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
from python_calamine import CalamineWorkbook

from benchmarks.measuring import report
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores


def main() -> None:
    """Measures one piece of work and prints what it took."""
    what, file, source = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        match what:
            case "bare csv":
                report(lambda: _bare_csv(Path(file), Path(place)))
            case "bare workbook":
                report(lambda: _bare_workbook(Path(file)))
            case "intake":
                folder = _landed(Path(file), source, Path(place))
                policy = _without_waiting(load_policy())
                report(lambda: _intake(folder, policy, source))


def _without_waiting(policy: Policy) -> Policy:
    """The policy, but two looks at the landing may follow each other at once."""
    intake = policy.dpia.intake.model_copy(update={"settle_seconds": 0.0})
    return replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))


def _bare_csv(file: Path, place: Path) -> None:
    """DuckDB's own reader, all text, into a table of a file, in one transaction."""
    connection = duckdb.connect(str(place / "bare.duckdb"))
    connection.execute(
        "CREATE TABLE sent AS SELECT * FROM read_csv(?, all_varchar = true)", [str(file)]
    )
    connection.close()


def _bare_workbook(file: Path) -> None:
    """calamine to a frame of text."""
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    pd.DataFrame(rows[3:], columns=rows[2]).astype(str)


def _landed(file: Path, source: str, place: Path) -> DataFolder:
    folder = DataFolder(root=place / "data", keys=place / "data" / "keys").prepare()
    (folder.landing / source).mkdir()
    shutil.copy(file, folder.landing / source / "drop")
    look_at_landing(folder)
    return folder


def _intake(folder: DataFolder, policy: Policy, source: str) -> None:
    """Everything intake does with a drop, from the second look to the emptied landing."""
    with open_stores(folder, write=STORE_NAMES) as connection:
        register_landing(connection, folder, policy)
        taken = take_in(connection, folder, policy, source)
    if taken.loaded != 1 or taken.rows_set_aside:
        raise SystemExit("The drop was not loaded whole.")


if __name__ == "__main__":
    main()
