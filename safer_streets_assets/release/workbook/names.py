"""What the files of the workbook of a release are called: by the id of the evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from safer_streets_assets.policy import Policy

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class WorkbookNames:
    """The workbook in both forms, and what says how it meets the checklist of accessibility."""

    xlsx: str
    ods: str
    checklist: str

    @classmethod
    def of(cls, policy: Policy) -> WorkbookNames:
        """The names in an evaluation: `safer_streets_tables.xlsx`."""
        stem = f"{policy.dpia.evaluation.id}_tables"
        return cls(f"{stem}.xlsx", f"{stem}.ods", f"{stem}_accessibility.md")

    @property
    def media_types(self) -> Mapping[str, str]:
        """Each file's name to its media type."""
        return {self.xlsx: XLSX_TYPE, self.ods: ODS_TYPE, self.checklist: "text/markdown"}

    @property
    def titles(self) -> Mapping[str, str]:
        """Each file's name to what it is."""
        return {
            self.xlsx: "All tables as a workbook (XLSX)",
            self.ods: "All tables as a workbook (ODS)",
            self.checklist: "Accessibility of the workbook",
        }
