"""Makes a release: whole or absent, on the register, and shown when the policy asks no approval.

The steps, each of which may be the last before a power cut: the folder is built beside its place
and put there closed to readers; the register gets its row, and the line that says how the release
stands; what everybody may read is opened, put in `published.duckdb` and listed in `index.html`. Run
again, each step that is missing is made up for. So nobody has read a release that the register, and
with it the protection of later releases, does not know.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from safer_streets_assets.disclosure.coarsening import Choice, record_levels
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.releases import NOBODY
from safer_streets_assets.release.checksums import (
    is_whole,
    read_quotes,
    read_record,
    read_tables,
)
from safer_streets_assets.release.content import ReleaseContent
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.draft import Draft, draft_release
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.records import before_readers
from safer_streets_assets.release.showing import show_releases
from safer_streets_assets.release.standing import Standing, Standings, State, read_standings
from safer_streets_assets.release.steps import (
    APPROVED,
    BUILT,
    SUPERSEDED,
    Step,
    add_steps,
    note_steps,
)
from safer_streets_assets.release.writing import ReleaseBefore, write_release
from safer_streets_assets.stores.files import built_beside
from safer_streets_assets.stores.folder import OWNER_ONLY, DataFolder
from safer_streets_assets.stores.who import who_acts

RELEASE_FOLDER = re.compile(r"r\d{4,}-[0-9a-f]{8}")
UNFINISHED_FOLDER = re.compile(rf"\.{RELEASE_FOLDER.pattern}\.building")


@dataclass(frozen=True)
class Published:
    """The release that was made last: how it stands, and whether this call made it (`changed`)."""

    release_id: str
    path: Path
    number: int
    changed: bool
    state: State


def publish_release(
    folder: DataFolder,
    registers: DuckDBPyConnection,
    policy: Policy,
    content: ReleaseContent,
    *,
    now: datetime,
    code_version: str,
) -> Published:
    """Makes a release when what it says is not what the last one said: the current one, or a
    candidate where the policy asks for approval. A candidate that waited is superseded by it.

    `registers` has the registers attached for writing and no transaction open. `now` is UTC when
    it has no offset. When the last release says the same and is whole, nothing is written but
    what an interrupted run left undone, however that release stands.

    Raises:
        UnsafeReleaseError: the tables may not be printed.
        ReleaseError: the content is not of the stated form, DuckDB could not write the files, the
            clock is before the time of the last release, or a release lies in the folder that
            readers may have seen and the register lacks.
    """
    draft = draft_release(policy, content)
    standings = read_standings(folder, registers)
    known = {release.release_id for release in standings.releases}
    last = standings.newest
    if last is not None and _says(folder.releases / last.release_id, draft):
        _clear_leftovers(folder, known)
        return _shown(folder, registers, policy, changed=False)
    _refuse_earlier_time(last, _utc(now))
    identity = _identity(draft, standings, now, code_version)
    place = folder.releases / identity.release_id
    _make_folder(folder, policy, identity, draft, known)
    _register(registers, policy, place, standings.candidate, content.choices)
    return _shown(folder, registers, policy, changed=True)


def _refuse_earlier_time(last: Standing | None, now: datetime) -> None:
    if last is not None and now < last.made_at:
        raise ReleaseError(
            f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, and release {last.release_id} was made "
            f"at {last.made_at:%Y-%m-%d %H:%M:%S} UTC: set the clock right and run again; until "
            "then no release is made."
        )


def _shown(
    folder: DataFolder, registers: DuckDBPyConnection, policy: Policy, *, changed: bool
) -> Published:
    """The release that was made last, once the published folder is in line with the register."""
    note_steps(folder, registers)
    standings = read_standings(folder, registers)
    show_releases(folder, policy, standings)
    newest = standings.releases[-1]
    place = folder.releases / newest.release_id
    return Published(newest.release_id, place, newest.number, changed, newest.state)


def _identity(draft: Draft, standings: Standings, now: datetime, code_version: str) -> Identity:
    last, current = standings.newest, standings.current
    number = last.number + 1 if last else 1
    return Identity(
        release_id=f"r{number:04d}-{draft.content_hash[:8]}",
        number=number,
        made_at=_utc(now),
        code_version=code_version,
        policy_hash=draft.policy_hash,
        content_hash=draft.content_hash,
        drop_ids=draft.drop_ids,
        previous=current.release_id if current else None,
        invented=draft.invented,
        made_after=last.release_id if last else None,
        never_readable=tuple(standings.never_readable),
    )


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
    adopted = _says(place, draft) and _comes_after(place, identity)
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


def _comes_after(place: Path, identity: Identity) -> bool:
    """Whether a folder was made after the same releases, which stood as they stand now."""
    record, said = read_record(place), before_readers(identity)
    return record["previous"] == identity.made_after and said == {
        name: record[name] for name in ("follows", "never_readable") if name in record
    }


def _before(folder: DataFolder, previous: str | None) -> ReleaseBefore | None:
    if previous is None or not is_whole(folder.releases / previous):
        return None
    place = folder.releases / previous
    return ReleaseBefore(read_tables(place), read_quotes(place))


def _register(
    registers: DuckDBPyConnection,
    policy: Policy,
    place: Path,
    waiting: Standing | None,
    choices: Sequence[Choice],
) -> None:
    """Puts a release on the register as its own release.json states it, and with it how it stands
    and the levels that its tables are the first to stand at."""
    record = read_record(place)
    made_at = _utc(datetime.fromisoformat(record["made_at"]))
    row = [
        record["id"],
        record["number"],
        made_at,
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
        add_steps(registers, list(_steps(policy, record["id"], waiting, made_at)))
        record_levels(registers, choices, int(record["number"]), made_at)
        registers.commit()
    except BaseException:
        registers.rollback()
        raise


def _steps(
    policy: Policy, release_id: str, waiting: Standing | None, at: datetime
) -> Iterator[Step]:
    """What making a release says of it, and of the candidate that waited."""
    approval, user = policy.dpia.releases.approval, who_acts()
    if waiting is not None:
        yield Step(waiting.release_id, SUPERSEDED, approval, user.uid, user.name, at)
    yield Step(release_id, BUILT, approval, user.uid, user.name, at)
    if approval == NOBODY:
        yield Step(release_id, APPROVED, approval, None, None, at)


def _utc(time: datetime) -> datetime:
    """A time in UTC without an offset, in whole seconds."""
    if time.tzinfo is not None:
        time = time.astimezone(UTC).replace(tzinfo=None)
    return time.replace(microsecond=0)
