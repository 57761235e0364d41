"""The files of the workbook of a release."""

from __future__ import annotations

from collections.abc import Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.workbook.accessibility import checklist
from safer_streets_assets.release.workbook.contents import release_workbook
from safer_streets_assets.release.workbook.names import WorkbookNames
from safer_streets_assets.release.workbook.ods import ods_bytes
from safer_streets_assets.release.workbook.xlsx import xlsx_bytes


def workbook_files(
    policy: Policy, identity: Identity, tables: Sequence[ReleaseTable]
) -> dict[str, bytes]:
    """Path in the release to content. The same tables and identity make the same bytes."""
    workbook, names = release_workbook(policy, identity, tables), WorkbookNames.of(policy)
    return {
        names.xlsx: xlsx_bytes(workbook),
        names.ods: ods_bytes(workbook),
        names.checklist: checklist(invented=identity.invented).encode(),
    }
