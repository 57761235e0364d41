"""Brings the published folder in line with the register: who may read which release, and which one
`published.duckdb` and the list of releases show.

Nothing is decided here, so that it may be killed anywhere and done again.
"""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.checksums import file_sha256, is_whole
from safer_streets_assets.release.database import DATABASE
from safer_streets_assets.release.report import write_index
from safer_streets_assets.release.standing import CANDIDATE, READABLE, Standing, Standings
from safer_streets_assets.release.writing import READABLE_FILE
from safer_streets_assets.stores.files import log_of, put_in_place, sync_folder
from safer_streets_assets.stores.folder import OWNER_ONLY, DataFolder
from safer_streets_assets.stores.folder import READABLE as FOR_EVERYBODY

FOR_THE_GROUP = 0o750
"""The mode of a candidate's folder, where the folder of releases hands its group on."""


def show_releases(folder: DataFolder, policy: Policy, standings: Standings) -> bool:
    """Opens what everybody may read, puts the current release in `published.duckdb` and lists it
    with those before it, and closes the rest; returns whether `published.duckdb` was another.

    The caller holds the run's lock. A release whose folder is not there, or is damaged, is left.
    """
    for one in standings.releases:
        if one.state in READABLE:
            _set_mode(folder.published, FOR_EVERYBODY)
            _set_mode(folder.releases, FOR_EVERYBODY)
            _set_mode(folder.releases / one.release_id, FOR_EVERYBODY)
    changed = False
    if standings.current is not None:
        changed = _replace_published(folder, standings.current.release_id)
        write_index(folder, policy, standings.readable)
    for one in standings.releases:
        if one.state not in READABLE:
            _set_mode(folder.releases / one.release_id, _closed(folder, one))
    return changed


def _closed(folder: DataFolder, release: Standing) -> int:
    """The mode of a folder that not everybody may read.

    Approvers are in the group of the folder of releases, where an administrator has set the bit by
    which new folders in it get that group. Without the bit, or in another group, as of a candidate
    from before the bit was set, the group is nobody's choice.
    """
    place = folder.releases / release.release_id
    if release.state != CANDIDATE or not place.is_dir():
        return OWNER_ONLY
    own, above = place.stat(), folder.releases.stat()
    handed_on = above.st_mode & stat.S_ISGID and own.st_gid == above.st_gid
    return FOR_THE_GROUP if handed_on else OWNER_ONLY


def _set_mode(path: Path, mode: int) -> None:
    if path.is_dir() and path.stat().st_mode & 0o777 != mode:
        path.chmod(mode | path.stat().st_mode & stat.S_ISGID)
        sync_folder(path)


def _replace_published(folder: DataFolder, release_id: str) -> bool:
    """Puts the release's database in place of `published.duckdb`, unless it is there already.

    A log beside it is somebody else's and would be replayed into the new file: it goes first.
    """
    source = folder.releases / release_id / DATABASE
    place = folder.published / DATABASE
    log = log_of(place)
    if not source.is_file():
        return False
    if place.is_file() and not log.exists() and file_sha256(place) == file_sha256(source):
        return False
    if not is_whole(source.parent):
        return False
    built = place.with_name(f".{DATABASE}.part")
    shutil.copyfile(source, built)
    built.chmod(READABLE_FILE)
    log.unlink(missing_ok=True)
    put_in_place(built, place)
    return True
