"""Workbooks saved without a temporary file, to which openpyxl would write each sheet, and without
the time of day: the same workbook makes the same bytes.

Imported late, as openpyxl is.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter


class _InMemory(ExcelWriter):  # type: ignore[misc]
    """Writes plain sheets: without charts and images."""

    def write_worksheet(self, ws: Any) -> None:
        """As the class above does, with a buffer in place of the temporary file."""
        ws._drawing = SpreadsheetDrawing()
        out = io.BytesIO()
        writer = WorksheetWriter(ws, out)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], out.getvalue())
        self.manifest.append(ws)


class _WithoutTimes(zipfile.ZipFile):
    """Gives each member the first time that the format knows."""

    def writestr(self, zinfo_or_arcname: Any, *args: Any, **options: Any) -> None:
        """As the class above does."""
        member = zipfile.ZipInfo(str(zinfo_or_arcname))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.create_system = 0  # so that every system writes the same
        super().writestr(member, *args, **options)


def saved_in_memory(book: Workbook) -> bytes:
    """A workbook of plain sheets as XLSX."""
    out = io.BytesIO()
    with _WithoutTimes(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _InMemory(book, archive).write_data()
    return out.getvalue()


def write_text(page: Any, row: int, column: int, text: str) -> Any:
    """Writes a cell as text: what begins with = is no formula, and editing makes it none."""
    cell = page.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    return cell
