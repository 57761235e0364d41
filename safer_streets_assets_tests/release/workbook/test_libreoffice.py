"""LibreOffice, where it is installed, opens both files and finds in them what is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import content, publish

SOFFICE = shutil.which("soffice")


def plain(value: Any) -> Any:
    """A number with the digits that LibreOffice saves."""
    return float(f"{value:.14g}") if isinstance(value, float) else value


def cells(path: Path) -> dict[tuple[str, str], Any]:
    book = openpyxl.load_workbook(path)
    return {
        (page.title, cell.coordinate): plain(cell.value)
        for page in book.worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.mark.thorough
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_finds_every_cell_every_table_title_and_language(
    form: str, tmp_path: Path
) -> None:
    given = content(builders.tables(gate_open=True))
    path = publish(builders.data_folder(tmp_path / "data"), given).path
    subprocess.run(
        [str(SOFFICE), "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "out",
         path / f"safer_streets_tables.{form}"],
        env={**os.environ, "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        timeout=300,
    )  # fmt: skip
    saved = tmp_path / "out" / "safer_streets_tables.xlsx"
    assert cells(saved) == cells(path / "safer_streets_tables.xlsx")
    book = openpyxl.load_workbook(saved)
    assert [len(page.tables) for page in book.worksheets] == [0, *[1] * (len(book.worksheets) - 1)]
    assert (bool(book.properties.title), book.properties.language) == (True, "en-GB")
