"""Saves a workbook without a temporary file: openpyxl would write each sheet, unencrypted, to one.

Imported late, as openpyxl is.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import Workbook
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


def saved_in_memory(book: Workbook) -> bytes:
    """A workbook of plain sheets as XLSX."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _InMemory(book, archive).write_data()
    return out.getvalue()
