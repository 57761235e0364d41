"""Hands the protected tables of the current release to a party that the policy names.

The folder is built beside its place; then the register gets the line of what was shared, by whom
and when; then the folder is put in place. Killed anywhere and run again, the folder is there and
that day has one line.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.releases import Recipient
from safer_streets_assets.release.approving import IS
from safer_streets_assets.release.checksums import (
    RECORD,
    SUMS,
    checksum_lines,
    read_record,
    read_tables,
    sha256,
)
from safer_streets_assets.release.consistency import refuse_damaged
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.licence import LICENCE
from safer_streets_assets.release.standing import CURRENT, Standing, read_standings
from safer_streets_assets.release.steps import APPROVED, SHARED, Step, add_steps, note_steps
from safer_streets_assets.release.writing import READABLE_FILE
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.files import built_beside, sync_folder
from safer_streets_assets.stores.folder import READABLE
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.who import SystemUser

NOTES = "NOTES.md"
LICENCE_FILE = "LICENCE.txt"
TABLES = "csv"


@dataclass(frozen=True)
class Shared:
    """The release that was shared, with whom in words, and whether anything was written."""

    release_id: str
    recipient: str
    changed: bool


def share(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    recipient: str,
    out: Path,
    given: str | None,
    user: SystemUser,
    now: datetime,
) -> Shared:
    """Writes the printed tables of the current release to a folder for a recipient of the policy.

    `given` is the id of the release (None: the current one). The registers are attached for
    writing, no transaction is open, and the caller holds the run's lock. `now` is UTC.

    Raises:
        ReleaseError: the policy does not name the recipient; the release is not the current one or
            is damaged; or the folder holds something else or cannot be written.
    """
    to = policy.dpia.sharing.get(recipient)
    if to is None:
        raise ReleaseError(
            "The policy shares no release with a recipient of that name: give one of "
            f"{', '.join(policy.dpia.sharing) or 'none, since it names nobody'}."
        )
    release = _current(folder, registers, given)
    refuse_damaged(folder, release)
    _refuse_place(folder, out)
    called = policy.dpia.accountability.parties[recipient]
    files = _files(folder, policy, release, called, to)
    step = Step(
        release.release_id,
        SHARED,
        release.approval or policy.dpia.releases.approval,
        user.uid,
        user.name,
        now,
        recipient=recipient,
        basis=to.basis,
        section=to.section,
        files_hash=sha256(files[SUMS]),
    )
    aside = out.parent / f".{out.name}.replaced"
    try:
        if _is_ours(out) and _holds(out, files) and _is_recorded(release, step):
            _remove(aside)
            return Shared(release.release_id, called, changed=False)
        with built_beside(out) as building:
            _write(building, files)
            if not _is_recorded(release, step):
                with transaction(registers):
                    add_steps(registers, [step])
            note_steps(folder, registers)
            if out.exists() and any(out.iterdir()):
                _remove(aside)
                os.rename(out, aside)
        _remove(aside)
    except OSError as error:
        raise ReleaseError(
            f"The folder could not be written ({type(error).__name__}): give a place in a folder "
            "that exists, is yours and has room, and share again."
        ) from None
    return Shared(release.release_id, called, changed=True)


def _current(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection, given: str | None
) -> Standing:
    standings = read_standings(folder, registers)
    release = standings.current if given is None else standings.find(given)
    if release is None:
        raise ReleaseError(
            "No release is the current one, so nothing can be shared: run safer-streets run, and "
            "approve the candidate where the policy asks for it."
        )
    if release.state != CURRENT:
        raise ReleaseError(
            f"Only the current release is shared: {release.release_id} {IS[release.state]}; see "
            "safer-streets release list."
        )
    return release


def _is_recorded(release: Standing, step: Step) -> bool:
    """Whether the register has the same hand-over of the same day already."""

    def key(one: Step) -> tuple[object, ...]:
        return one.recipient, one.files_hash, one.by_uid, one.happened_at.date()

    return any(key(one) == key(step) for one in release.shared)


def _refuse_place(folder: DataFolder, out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise ReleaseError("A file or a link is in the place of the folder: give another place.")
    place = out.resolve()
    for held in (folder.root.resolve(), folder.keys.resolve()):
        if place.is_relative_to(held) or held.is_relative_to(place):
            raise ReleaseError(
                "What is shared does not lie in the data folder or the keys folder, nor they in "
                "it: give another place."
            )
    if out.is_dir() and any(out.iterdir()) and not _is_ours(out):
        raise ReleaseError(
            "The folder holds something that safer-streets share did not write, or that was "
            "changed since: give an empty folder, or one that is not there yet."
        )


def _is_ours(out: Path) -> bool:
    """Whether a folder is as an earlier share left it."""
    sums = out / SUMS
    if not sums.is_file() or sums.is_symlink() or checksum_lines(out) != sums.read_bytes():
        return False
    names = {line.split("  ", 1)[1] for line in sums.read_text(encoding="utf-8").splitlines()}
    own = {RECORD, NOTES, LICENCE_FILE}
    tables = names - own
    return own <= names and all(n.startswith(f"{TABLES}/") and n.endswith(".csv") for n in tables)


def _holds(out: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a folder that is ours says the same; its checksums stand for the rest."""
    return (out / SUMS).read_bytes() == files[SUMS]


def _files(
    folder: DataFolder, policy: Policy, release: Standing, called: str, to: Recipient
) -> dict[str, bytes]:
    """What is handed over: path to content."""
    place = folder.releases / release.release_id
    tables = {f"{TABLES}/{name}.csv": content for name, content in read_tables(place).items()}
    licence = f"{LICENCE['title']}\n{LICENCE['path']}\n"
    files = {
        **tables,
        RECORD: (place / RECORD).read_bytes(),
        NOTES: _notes(policy, release, read_record(place), called, to).encode(),
        LICENCE_FILE: licence.encode(),
    }
    sums = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    return {**files, SUMS: sums.encode()}


def _notes(
    policy: Policy, release: Standing, record: Mapping[str, Any], called: str, to: Recipient
) -> str:
    evaluation = policy.dpia.evaluation
    approved = release.last(APPROVED)
    lines = [
        f"# {evaluation.name}: tables shared with {called}",
        f"Release {release.release_id}, made on {release.made_at:%Y-%m-%d} by "
        f"{evaluation.data_controller}, {evaluation.unit}.",
        *([INVENTED] if record.get("invented") else []),
        f"Basis: {to.basis} DPIA: {policy.dpia.sections[to.section].title}.",
        "Approval: nobody approved this release, because the policy asks for no approval; by the "
        "policy it counts as approved."
        if approved is None or approved.by is None
        else f"Approval: approved on {approved.happened_at:%Y-%m-%d} by somebody who did not build "
        "it.",
        f"Licence: {LICENCE['title']}, {LICENCE['path']}",
        f"A count that may not be printed is empty, and the marker beside it says why. {RECORD} "
        f"describes the tables; `sha256sum --check {SUMS}` tells whether a file has changed.",
        "## Tables",
    ]
    specs = policy.at_levels(record["structure"].get("levels", {})).tables.tables
    listed = "\n".join(
        f"- `{name}`: {specs[name].title if name in specs else name}. {table['notes']}".rstrip()
        for table in record["tables"]
        for name in [table["name"]]
    )
    return "\n\n".join([*lines, listed]) + "\n"


def _write(building: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = building / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    for path in (building, *building.rglob("*")):
        path.chmod(READABLE if path.is_dir() else READABLE_FILE)


def _remove(aside: Path) -> None:
    """Removes what a share put aside, or what an interrupted one left of it."""
    if aside.is_dir():
        shutil.rmtree(aside)
        sync_folder(aside.parent)
