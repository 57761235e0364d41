"""Looks for known faults of the pinned packages in a copy of an advisory database.

    python scripts/audit.py --advisories PATH LOCK [LOCK ...]

PATH is a folder of OSV records (YAML or JSON, in any sub-folder), or a git directory that holds
them, with or without a work tree: of that, the last commit is read. Nothing is asked of the
network, so this works where pip-audit cannot reach its data. Prints each advisory that applies to a
version that a lock file pins, and the day on which the data ends. Exits 0 when none applies, 1 when
one does, and 2 when there is nothing to judge by: data that cannot be read or holds no advisory on
a Python package, or a lock file that pins nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

KINDS = (".yaml", ".yml", ".json")
# The loader in C reads the whole database in seconds; without libyaml it takes a minute.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PIN = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")

Record = dict[str, Any]
Pins = dict[str, set[str]]


class CannotAuditError(Exception):
    """There is nothing to judge by; the message says what to do."""


@dataclass(frozen=True)
class Advisories:
    """The advisories on Python packages that stand, and the last day on which one was changed."""

    records: list[Record]
    ends: date

    @property
    def packages(self) -> set[str]:
        """The normalised names of the packages that any of them is on."""
        return {_package(one) for record in self.records for one in record["affected"]}


@dataclass(frozen=True, order=True)
class Finding:
    """One advisory that applies to one pinned version, or that cannot be compared with it.

    `unclear` says why it cannot be compared; it is empty when the advisory applies.
    """

    package: str
    version: str
    advisory: str
    aliases: tuple[str, ...]
    fixed: tuple[str, ...]
    unclear: str = ""

    def __str__(self) -> str:
        aliases = f" ({', '.join(self.aliases)})" if self.aliases else ""
        fixed = f"fixed in {', '.join(self.fixed)}" if self.fixed else "it names no fixed version"
        unclear = f"; look at it yourself: {self.unclear}" if self.unclear else ""
        return f"{self.package} {self.version}: {self.advisory}{aliases}; {fixed}{unclear}"


def pins(locks: Iterable[Path]) -> Pins:
    """The versions that the lock files pin, by normalised name; some have one for each Python."""
    found: Pins = {}
    for lock in locks:
        try:
            lines = lock.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CannotAuditError(f"{lock} cannot be read; run make lock.") from error
        # A line that begins with a space goes on with hashes; # begins a comment, - an option.
        wanted = [line for line in lines if line and line[0] not in " \t#-"]
        for line in wanted:
            pin = PIN.match(line)
            if pin is None:
                raise CannotAuditError(f"{lock} has a line without name==version; run make lock.")
            found.setdefault(canonicalize_name(pin[1]), set()).add(pin[2])
        if not wanted:
            raise CannotAuditError(f"{lock} pins no package; run make lock.")
    return found


def advisories(place: Path) -> Advisories:
    """What a folder, or the last commit of a git directory, holds on Python packages."""
    if not place.is_dir():
        raise CannotAuditError(f"{place} is no folder; give the folder with the advisories.")
    git = (place / ".git").exists() or (place / "HEAD").is_file()
    files = _files_of_commit(place) if git else _files_of_folder(place)
    records = [record for name, text in files for record in _standing(name, text)]
    if not records:
        raise CannotAuditError(
            f"{place} holds no advisory on a Python package; give a folder of OSV records."
        )
    # A date that is still to come is a slip of the pen: it would make old data look new.
    days = {day for record in records if (day := _changed(record)) <= _today()}
    if not days:
        raise CannotAuditError(f"No advisory in {place} says when it was changed; get another.")
    return Advisories(records, max(days))


def findings(records: Iterable[Record], pinned: Pins) -> list[Finding]:
    """What applies to the pins, in the order of packages."""
    return sorted(
        {
            found
            for record in records
            for affected in record["affected"]
            for version in pinned.get(_package(affected), ())
            if (found := _judged(record, affected, version)) is not None
        }
    )


def _files_of_folder(place: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(place.rglob("*")):
        if path.suffix in KINDS and path.is_file():
            try:
                yield str(path), path.read_bytes()
            except OSError as error:
                raise CannotAuditError(f"{path} cannot be read; see who may open it.") from error


def _files_of_commit(place: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the last commit, one at a time: a whole database may not fit into memory."""
    broken = CannotAuditError(f"git cannot read {place}; get a whole copy of it.")
    command = ["git", "-C", str(place), "archive", "--format=tar", "HEAD"]
    try:
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running,
            tarfile.open(fileobj=running.stdout, mode="r|") as archive,
        ):
            for member in archive:
                if member.name.endswith(KINDS) and (opened := archive.extractfile(member)):
                    yield member.name, opened.read()
            # What fills up the end of the archive: git fails when nobody reads it.
            running.communicate()
    except (OSError, tarfile.TarError) as error:
        raise broken from error
    if running.returncode:
        raise broken


def _standing(name: str, text: bytes) -> Iterator[Record]:
    """The record of a file, unless it was withdrawn, is on no Python package or is none at all."""
    try:
        found = json.loads(text) if name.endswith(".json") else yaml.load(text, LOADER)  # noqa: S506
    except (ValueError, yaml.YAMLError) as error:
        raise CannotAuditError(f"{name} cannot be read; get a whole copy of it.") from error
    if not isinstance(found, dict) or found.get("withdrawn"):
        return
    try:
        on_python = [one for one in found.get("affected") or () if _package(one)]
    except (AttributeError, KeyError, TypeError) as error:
        raise CannotAuditError(f"{name} is no whole record of OSV; get another copy.") from error
    if "id" in found and on_python:
        yield found | {"affected": on_python}


def _package(affected: Record) -> str:
    """The normalised name; empty for a package of another language."""
    package = affected.get("package") or {}
    return canonicalize_name(package["name"]) if package.get("ecosystem") == "PyPI" else ""


def _today() -> date:
    return datetime.now(UTC).date()


def _changed(record: Record) -> date:
    """The day of the last change; one that is not said, or not as a date, is never the newest."""
    try:
        return date.fromisoformat(str(record.get("modified"))[:10])
    except ValueError:
        return date.max


def _judged(record: Record, affected: Record, version: str) -> Finding | None:
    unclear = ""
    try:
        if not _applies(affected, version):
            return None
    except (InvalidVersion, LookupError) as error:
        unclear = str(error)
    aliases = tuple(sorted(record.get("aliases") or ()))
    fixed = tuple(dict.fromkeys(one["fixed"] for one in _events(affected) if "fixed" in one))
    return Finding(_package(affected), version, record["id"], aliases, fixed, unclear)


def _spans(affected: Record) -> list[Record]:
    """The ranges of versions; a range of commits says nothing about a version."""
    return [span for span in affected.get("ranges") or () if span.get("type") != "GIT"]


def _events(affected: Record) -> Iterator[dict[str, str]]:
    return (event for span in _spans(affected) for event in span.get("events") or ())


def _applies(affected: Record, version: str) -> bool:
    """Whether the version is listed or lies in a range, as the schema of OSV says.

    Raises InvalidVersion for a range with a version that is none, and LookupError for an advisory
    that has neither a list nor a range.
    """
    # Without the local part: what is built from 1.0 as 1.0+ours has the faults of 1.0.
    own = Version(Version(version).public)
    listed, spans = affected.get("versions") or (), _spans(affected)
    if not listed and not spans:
        raise LookupError("it says no versions")
    return any(_same(own, str(one)) for one in listed) or any(
        _in_range(own, span.get("events") or ()) for span in spans
    )


def _same(own: Version, listed: str) -> bool:
    try:
        return own == Version(listed)
    except InvalidVersion:
        return False


def _in_range(own: Version, events: Iterable[dict[str, str]]) -> bool:
    """Whether a version lies in a range: the last event that it has reached decides."""
    inside = False
    # "0" is before every version, also before the pre-releases of 0.
    for at, kind in sorted(
        (Version("0.dev0" if said == "0" else str(said)), kind)
        for event in events
        for kind, said in event.items()
    ):
        if kind == "last_affected":
            inside = inside and own <= at
        elif own >= at:
            inside = kind == "introduced"
    return inside


def main(arguments: list[str] | None = None) -> int:
    """Prints what applies and where the data ends; returns the exit code."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--advisories", required=True, metavar="PATH")
    asked.add_argument("locks", nargs="+", type=Path, metavar="LOCK")
    given = asked.parse_args(arguments)
    try:
        if not given.advisories:
            raise CannotAuditError("Say where the advisories lie: make audit ADVISORIES=PATH.")
        pinned = pins(given.locks)
        known = advisories(Path(given.advisories))
    except CannotAuditError as error:
        print(error, file=sys.stderr)
        return 2
    found = findings(known.records, pinned)
    for finding in found:
        print(finding)
    days = (_today() - known.ends).days
    count = len({finding.advisory for finding in found})
    print(
        f"Advisories that apply to the {len(pinned)} pinned packages: {count}. Looked at: "
        f"{len(known.records)} advisories, on {len(known.packages & pinned.keys())} of them.\n"
        f"The data ends on {known.ends}, {days} days ago: what was found later is not in it."
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
