"""The page that lists every release, newest first, with what changed: `published/index.html`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.briefing.names import DOCX, ODT, SLIDES
from safer_streets_assets.release.charts.files import FOLDER
from safer_streets_assets.release.checksums import SUMS, read_record, sha256
from safer_streets_assets.release.database import DATABASE
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.report.page import REPORT, rendered
from safer_streets_assets.release.report.printed import day
from safer_streets_assets.release.workbook.names import WorkbookNames
from safer_streets_assets.stores.files import write_whole
from safer_streets_assets.stores.folder import DataFolder

INDEX = "index.html"
CHANGES = "CHANGELOG.md"
READABLE_FILE = 0o644


@dataclass(frozen=True)
class Listed:
    """A release in the list: its date, what its change log says by heading, links to its files and
    to its pictures."""

    release_id: str
    made_on: str
    invented: bool
    said: tuple[tuple[str, tuple[str, ...]], ...]
    links: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]


def write_index(folder: DataFolder, policy: Policy, release_ids: Sequence[str]) -> bool:
    """Writes the list of these releases (oldest first) to the published folder, where it is not
    there already as it would be; returns whether it was written.

    A release whose folder is not there is left out. What its change log says is told only when the
    log is the one that the release was made with.
    """
    files = _files(policy)
    listed = [
        found
        for release_id in reversed(release_ids)
        if (found := _listed(folder.releases / release_id, files)) is not None
    ]
    evaluation = policy.dpia.evaluation
    content = rendered(
        "index.html.jinja",
        title=f"{evaluation.name}: releases of the evaluation",
        maker=f"{evaluation.data_controller}, {evaluation.unit}",
        invented=INVENTED if any(one.invented for one in listed) else "",
        releases=listed,
    )
    place = folder.published / INDEX
    if place.is_file() and place.read_bytes() == content:
        return False
    write_whole(place, content, READABLE_FILE)
    return True


def _files(policy: Policy) -> Mapping[str, str]:
    """What the page links of each release, where it is there, and what it calls it."""
    workbook = WorkbookNames.of(policy)
    return {
        REPORT: "Report (web page)",
        DOCX: "Briefing (Word)",
        ODT: "Briefing (OpenDocument)",
        SLIDES: "Slides (PowerPoint)",
        workbook.xlsx: "Workbook (Excel)",
        workbook.ods: "Workbook (OpenDocument)",
        DATABASE: "Data (DuckDB)",
        CHANGES: "What changed (Markdown)",
        "datapackage.json": "Description of the data (JSON)",
        "release.json": "Record of the release (JSON)",
        SUMS: "Checksums",
    }


def _listed(place: Path, files: Mapping[str, str]) -> Listed | None:
    try:
        record = read_record(place)
        made_at = datetime.fromisoformat(str(record["made_at"]))
    except (OSError, ReleaseError, KeyError, ValueError):
        return None
    return Listed(
        release_id=place.name,
        made_on=day(made_at.date()),
        invented=record.get("invented") is True,
        said=_changes(place),
        links=tuple(
            (called, f"releases/{place.name}/{name}")
            for name, called in files.items()
            if (place / name).is_file()
        ),
        pictures=tuple(
            (path.stem.replace("_", " "), f"releases/{place.name}/{FOLDER}/{path.name}")
            for path in sorted((place / FOLDER).glob("*.png"))
        ),
    )


def _changes(place: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sentences of a change log by heading; none when it is not that of the release."""
    try:
        content = (place / CHANGES).read_bytes()
        sums = (place / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ()
    if f"{sha256(content)}  {CHANGES}" not in sums:
        return ()
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in content.decode().splitlines()[1:]:
        if line.startswith("## "):
            found.append((line.removeprefix("## "), []))
        elif line:
            found[-1][1].append(re.sub(r"`|^- ", "", line))
    return tuple((heading, tuple(sentences)) for heading, sentences in found if sentences)
