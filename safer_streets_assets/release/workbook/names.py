"""What the files of the workbook of a release are called."""

from __future__ import annotations

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "safer_streets_tables.xlsx"
ODS = "safer_streets_tables.ods"
CHECKLIST = "safer_streets_tables_accessibility.md"
MEDIA_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ODS: ODS_TYPE,
    CHECKLIST: "text/markdown",
}
TITLES = {
    XLSX: "All tables as a workbook (XLSX)",
    ODS: "All tables as a workbook (ODS)",
    CHECKLIST: "Accessibility of the workbook",
}
