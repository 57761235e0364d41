"""Publishes a release: whole or absent, on the register, in `published.duckdb` and in the list.

The steps, each of which may be the last before a power cut: the folder is built beside its place
and put there closed to readers; the register gets its row; the folder is opened to readers;
`published.duckdb` is replaced; `index.html` lists the release. Run again, each step that is missing
is made up for. So nobody has read a release that the register, and with it the protection of later
releases, does not know.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from safer_streets_assets.disclosure.coarsening import Choice, record_levels
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.checksums import (
    file_sha256,
    is_whole,
    read_quotes,
    read_record,
    read_tables,
)
from safer_streets_assets.release.content import ReleaseContent
from safer_streets_assets.release.database import DATABASE, Identity
from safer_streets_assets.release.draft import Draft, draft_release
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.report import write_index
from safer_streets_assets.release.writing import READABLE_FILE, ReleaseBefore, write_release
from safer_streets_assets.stores.files import built_beside, log_of, put_in_place, sync_folder
from safer_streets_assets.stores.folder import OWNER_ONLY, READABLE, DataFolder

RELEASE_FOLDER = re.compile(r"r\d{4,}-[0-9a-f]{8}")
UNFINISHED_FOLDER = re.compile(rf"\.{RELEASE_FOLDER.pattern}\.building")


@dataclass(frozen=True)
class Published:
    """The release that is published now; `changed` says whether it was made by this call."""

    release_id: str
    path: Path
    number: int
    changed: bool


@dataclass(frozen=True)
class _Registered:
    release_id: str
    number: int
    content_hash: str


def publish_release(
    folder: DataFolder,
    registers: DuckDBPyConnection,
    policy: Policy,
    content: ReleaseContent,
    *,
    now: datetime,
    code_version: str,
) -> Published:
    """Publishes a release when what it says is not what the last one said.

    `registers` has the registers attached for writing and no transaction open. `now` is UTC when
    it has no offset. When the last release says the same and is whole, nothing is written but
    what an interrupted run left undone.

    Raises:
        UnsafeReleaseError: the tables may not be printed.
        ReleaseError: the content is not of the stated form, DuckDB could not write the files, or
            a release lies in the folder that readers may have seen and the register lacks.
    """
    draft = draft_release(policy, content)
    releases = _registered(registers)
    known = {release.release_id for release in releases}
    last = releases[-1] if releases else None
    if last is not None and (folder.releases / last.release_id).is_dir():
        _open_to_readers(folder, last.release_id)
    if last is not None and _says(folder.releases / last.release_id, draft):
        _clear_leftovers(folder, known)
        _replace_published(folder, last.release_id)
        write_index(folder, policy, [release.release_id for release in releases])
        place = folder.releases / last.release_id
        return Published(last.release_id, place, last.number, changed=False)
    identity = _identity(draft, last, now, code_version)
    place = folder.releases / identity.release_id
    _make_folder(folder, policy, identity, draft, known)
    _register(registers, place, content.choices)
    _open_to_readers(folder, identity.release_id)
    _replace_published(folder, identity.release_id)
    write_index(folder, policy, [*(one.release_id for one in releases), identity.release_id])
    return Published(identity.release_id, place, identity.number, changed=True)


def put_back_published(folder: DataFolder, release_id: str) -> bool:
    """Makes `published.duckdb` that of the newest release again, where it is not; returns whether
    it was missing, damaged or another's. The caller holds the run's lock.
    """
    source, place = folder.releases / release_id / DATABASE, folder.published / DATABASE
    if not source.is_file() or (place.is_file() and file_sha256(place) == file_sha256(source)):
        return False
    if not is_whole(folder.releases / release_id):
        return False
    _replace_published(folder, release_id)
    return True


def _identity(draft: Draft, last: _Registered | None, now: datetime, code_version: str) -> Identity:
    number = last.number + 1 if last else 1
    return Identity(
        release_id=f"r{number:04d}-{draft.content_hash[:8]}",
        number=number,
        made_at=_utc(now),
        code_version=code_version,
        policy_hash=draft.policy_hash,
        content_hash=draft.content_hash,
        drop_ids=draft.drop_ids,
        previous=last.release_id if last else None,
        invented=draft.invented,
    )


def _registered(registers: DuckDBPyConnection) -> Sequence[_Registered]:
    rows = registers.execute(
        "SELECT release_id, number, content_hash FROM registers.releases ORDER BY number"
    ).fetchall()
    return [_Registered(*row) for row in rows]


def _says(place: Path, draft: Draft) -> bool:
    """Whether a release folder is whole and says what the draft says."""
    return is_whole(place) and read_record(place)["content_hash"] == draft.content_hash


def _clear_leftovers(folder: DataFolder, known: set[str]) -> None:
    """Removes what interrupted runs left: unfinished folders, and finished ones never opened."""
    for path in sorted(folder.releases.iterdir()) if folder.releases.is_dir() else []:
        if UNFINISHED_FOLDER.fullmatch(path.name):
            shutil.rmtree(path)
        elif RELEASE_FOLDER.fullmatch(path.name) and path.name not in known:
            if path.stat().st_mode & 0o777 != OWNER_ONLY:
                raise ReleaseError(
                    f"Release {path.name} lies in the releases folder and the register does not "
                    "know it, so later releases are not protected against it; restore the "
                    "register from a copy, or move the folder away if nobody has seen it."
                )
            shutil.rmtree(path)


def _make_folder(
    folder: DataFolder, policy: Policy, identity: Identity, draft: Draft, known: set[str]
) -> None:
    """Makes the folder of a release, or adopts the one that an interrupted run finished."""
    place = folder.releases / identity.release_id
    adopted = _says(place, draft)
    try:
        if not adopted and place.exists():
            shutil.rmtree(place)
        _clear_leftovers(folder, known | {identity.release_id})
        if not adopted:
            before = _before(folder, identity.previous)
            with built_beside(place) as building:
                building.chmod(OWNER_ONLY)
                write_release(building, policy, identity, draft, before)
    except OSError as error:
        raise ReleaseError(
            f"The release could not be written ({type(error).__name__}); see that the disk has "
            "room and the published folder can be written to, and run again."
        ) from None


def _before(folder: DataFolder, previous: str | None) -> ReleaseBefore | None:
    if previous is None or not is_whole(folder.releases / previous):
        return None
    place = folder.releases / previous
    return ReleaseBefore(read_tables(place), read_quotes(place))


def _register(registers: DuckDBPyConnection, place: Path, choices: Sequence[Choice]) -> None:
    """Puts a release on the register as its own release.json states it, and with it the levels that
    its tables are the first to stand at."""
    record = read_record(place)
    row = [
        record["id"],
        record["number"],
        _utc(datetime.fromisoformat(record["made_at"])),
        record["content_hash"],
        record["policy_hash"],
        record["code_version"],
    ]
    registers.begin()
    try:
        registers.execute(
            "INSERT INTO registers.releases "
            "(release_id, number, made_at, content_hash, policy_hash, code_version) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            row,
        )
        record_levels(registers, choices, int(record["number"]), row[2])
        registers.commit()
    except BaseException:
        registers.rollback()
        raise


def _open_to_readers(folder: DataFolder, release_id: str) -> None:
    for path in (folder.published, folder.releases, folder.releases / release_id):
        if path.stat().st_mode & 0o777 != READABLE:
            path.chmod(READABLE)
            sync_folder(path)


def _replace_published(folder: DataFolder, release_id: str) -> None:
    """Puts the release's database in place of `published.duckdb`, unless it is there already.

    A log beside it is somebody else's and would be replayed into the new file: it goes first.
    """
    source = folder.releases / release_id / DATABASE
    place = folder.published / DATABASE
    log = log_of(place)
    if place.is_file() and not log.exists() and file_sha256(place) == file_sha256(source):
        return
    built = place.with_name(f".{DATABASE}.part")
    shutil.copyfile(source, built)
    built.chmod(READABLE_FILE)
    log.unlink(missing_ok=True)
    put_in_place(built, place)


def _utc(time: datetime) -> datetime:
    """A time in UTC without an offset, in whole seconds."""
    if time.tzinfo is not None:
        time = time.astimezone(UTC).replace(tzinfo=None)
    return time.replace(microsecond=0)
