"""Writes the files of a release into a folder that nobody reads yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.briefing.files import briefing_files
from safer_streets_assets.release.changelog import changelog
from safer_streets_assets.release.charts.files import FOLDER, chart_files, charts_of
from safer_streets_assets.release.checksums import QUOTES, RECORD, SUMS, checksum_lines
from safer_streets_assets.release.csv_files import csvw_metadata
from safer_streets_assets.release.database import Identity, build_database
from safer_streets_assets.release.draft import Draft
from safer_streets_assets.release.quotes import quotes_changed
from safer_streets_assets.release.records import data_package, json_bytes, release_record
from safer_streets_assets.release.report import REPORT, report_page
from safer_streets_assets.release.report.picture_files import picture_charts, report_pictures
from safer_streets_assets.release.workbook.files import workbook_files
from safer_streets_assets.stores.files import sync_folder
from safer_streets_assets.stores.folder import READABLE

READABLE_FILE = 0o644


@dataclass(frozen=True)
class ReleaseBefore:
    """What of the release before a new one is compared with: its tables as CSV, by name, and the
    file of its quotes."""

    tables: Mapping[str, bytes]
    quotes: bytes | None


def write_release(
    folder: Path,
    policy: Policy,
    identity: Identity,
    draft: Draft,
    before: ReleaseBefore | None,
) -> None:
    """Writes every file of a release, SHA256SUMS last.

    `before` is of the release before, None when there is none to compare with.

    Raises:
        ReleaseError: DuckDB could not write its files.
    """
    build_database(folder, policy, identity, draft.tables)
    _write_csv_files(folder, draft)
    charts = charts_of(policy, draft.tables)
    report = report_page(policy, identity, draft.tables, charts, draft.quotes)
    (folder / REPORT).write_bytes(report)
    pictures = report_pictures(policy, draft.tables, charts)
    drawn = [*charts, *picture_charts(pictures, charts, invented=identity.invented)]
    _write_charts(folder, chart_files(drawn))
    for name, content in (
        *workbook_files(policy, identity, draft.tables).items(),
        *briefing_files(policy, identity, draft.tables, pictures).items(),
    ):
        (folder / name).write_bytes(content)
    if draft.quotes_file is not None:
        (folder / QUOTES).write_bytes(draft.quotes_file)
    package = data_package(policy, identity, draft.tables, drawn, folder, len(draft.quotes))
    (folder / "datapackage.json").write_bytes(json_bytes(package))
    record = release_record(policy, identity, draft.tables, draft.structure)
    (folder / RECORD).write_bytes(json_bytes(record))
    quotes = quotes_changed(draft.quotes_file, None if before is None else before.quotes)
    tables_before = None if before is None else before.tables
    text = changelog(policy, identity, draft.csv_files, tables_before, list(quotes))
    (folder / "CHANGELOG.md").write_text(text, encoding="utf-8")
    (folder / SUMS).write_bytes(checksum_lines(folder))
    _make_readable(folder)


def _write_csv_files(folder: Path, draft: Draft) -> None:
    place = folder / "csv"
    place.mkdir()
    for table in draft.tables:
        (place / f"{table.name}.csv").write_bytes(draft.csv_files[table.name])
        metadata = json_bytes(csvw_metadata(table))
        (place / f"{table.name}.csv-metadata.json").write_bytes(metadata)


def _write_charts(folder: Path, files: Mapping[str, bytes]) -> None:
    if files:
        (folder / FOLDER).mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _make_readable(folder: Path) -> None:
    """Opens what is in the folder, not the folder itself, and makes its sub-folders durable."""
    for path in folder.rglob("*"):
        path.chmod(READABLE if path.is_dir() else READABLE_FILE)
        if path.is_dir():
            sync_folder(path)
