"""Attacks the releases as an outsider would: from the published folder alone, all of it at once."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import (
    CellBounds,
    PublishedRelease,
    attack,
    shows_a_fall,
)
from safer_streets_assets.disclosure.core_tables import HELD
from safer_streets_assets.disclosure.earlier import as_published, printed_files
from safer_streets_assets.release.checksums import file_sha256, read_record, verify_release
from safer_streets_assets.release.columns import marker_of
from safer_streets_assets.release.database import DATABASE
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.publishing import RELEASE_FOLDER

PROVEN, NOT_PROVEN = "proven", "not proven"
MAY_FALL = "proven, as counts may fall"


@dataclass(frozen=True)
class Exposure:
    """What the attack says of one published table, over all releases that print it: counts only.

    `cells` are its counts, `hidden` those that carry a marker, `withheld` those of parts that were
    withheld whole. `derivable` hidden counts follow exactly; `proven_small` ones are known to be
    below the threshold, or are printed so; `differences` are small differences that follow;
    `unsettled` is what the time was too short for. With `may_fall` all of that holds for attackers
    who know that counts can fall between releases, and not for one who takes the others to grow.
    """

    table: str
    releases: int
    cells: int
    hidden: int
    withheld: int
    derivable: int
    proven_small: int
    differences: int
    unsettled: int
    may_fall: bool

    @property
    def proven(self) -> bool:
        """Whether the attack found nothing and left nothing open."""
        return not (self.derivable or self.proven_small or self.differences or self.unsettled)

    @property
    def verdict(self) -> str:
        """`proven`, with what it rests on, or `not proven`."""
        return (MAY_FALL if self.may_fall else PROVEN) if self.proven else NOT_PROVEN


@dataclass(frozen=True)
class AttackReport:
    """The attack on all releases together: their ids, one line a table, and how long it took."""

    releases: tuple[str, ...]
    tables: tuple[Exposure, ...]
    seconds: float

    @property
    def unproven(self) -> list[str]:
        """The tables that are not proven safe."""
        return [table.table for table in self.tables if not table.proven]


@dataclass(frozen=True)
class _Read:
    """A release as its files say it: the structure, the printed tables, and both for the core."""

    structure: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    published: PublishedRelease


def attack_published(published: Path, *, threshold: int, time_limit: float) -> AttackReport:
    """Attacks every release in the published folder jointly; opens nothing else.

    `threshold` holds for a release that states none, `time_limit` (seconds) for each attack.
    Like any outsider it takes counts to grow between releases. Where that finds something and print
    shows that counts do fall, what it finds may be false: it attacks again without the assumption.

    Raises:
        ReleaseError: a release is missing or damaged, or its files are not those put there.
        TableError, ProofError: what is printed contradicts itself.
    """
    started = time.monotonic()
    read = [_read(path) for path in _chain(published)]
    releases = [release.published for release in read]

    def unsafe(growing: bool) -> dict[str, list[str]]:
        found = attack(
            releases, threshold=threshold, time_limit=time_limit, exact=False, growing=growing
        )
        return _unsafe(read, found)

    found = certain = unsafe(growing=True)
    if any(found.values()) and shows_a_fall(releases, threshold=threshold, time_limit=time_limit):
        certain = unsafe(growing=False)
    may_fall = {name for name in found if found[name] and not certain[name]}
    return AttackReport(
        releases=tuple(release.name for release in releases),
        tables=tuple(_exposures(read, certain, may_fall)),
        seconds=time.monotonic() - started,
    )


def _chain(published: Path) -> list[Path]:
    """The release folders, oldest first: whole, none missing that a reader ever had, and the newest
    that everybody may read the one in use."""
    place = published / "releases"
    found = sorted(place.iterdir()) if place.is_dir() else []
    paths = [path for path in found if RELEASE_FOLDER.fullmatch(path.name)]
    if not paths:
        raise ReleaseError(
            "There is no release in the published folder; give the data folder with --data, or "
            "publish one with safer-streets run."
        )
    paths.sort(key=lambda path: _number(path.name))
    for path in paths:
        verify_release(path)
    records = [read_record(path) for path in paths]
    unread = {_number(one): one for record in records for one in record.get("never_readable", [])}
    number: int = 0
    before: str | None = None
    for path, record in zip(paths, records, strict=True):
        stated = (record.get("id"), record.get("number"), record.get("previous"))
        while number + 1 < _number(path.name) and number + 1 in unread:
            number, before = number + 1, unread[number + 1]
        number += 1
        own = f"r{number:04d}-{str(record['content_hash'])[:8]}"
        if stated[1] != number or stated[2] != before:
            raise ReleaseError(
                f"Release {number} is missing, or one is there twice; restore the releases folder "
                "from a copy."
            )
        if path.name != own or stated[0] != own:
            raise ReleaseError(
                f"The tables of release {path.name} are not those it was named after; restore it "
                "from a copy."
            )
        before = own
    _see_that_it_is_the_newest(published, paths)
    return paths


def _number(release_id: str) -> int:
    return int(release_id[1:].partition("-")[0])


def _see_that_it_is_the_newest(published: Path, paths: Sequence[Path]) -> None:
    """Checks `published.duckdb` against the newest release that everybody may read; of a copy that
    lost the modes of its folders against the newest."""
    readable = [path for path in paths if path.stat().st_mode & stat.S_IXOTH]
    place, newest = published / DATABASE, (readable or paths)[-1]
    if not readable and not place.exists():
        return  # nothing but what waits for approval, or was rejected
    try:
        same = file_sha256(place) == file_sha256(newest / DATABASE)
    except OSError:
        same = False
    if not same:
        raise ReleaseError(
            f"{DATABASE} is not that of release {newest.name}: a newer release is missing, or the "
            "file was changed; restore the published folder from a copy, or run safer-streets run."
        )


def _read(path: Path) -> _Read:
    try:
        structure, tables = printed_files(path)
        if not all(_marked(entry, tables[entry["table"]]) for entry in structure["tables"]):
            raise ValueError
        return _Read(structure, tables, as_published(path.name, structure, tables))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        raise ReleaseError(
            f"The tables of release {path.name} are not of the form that its release.json states; "
            "restore it from a copy."
        ) from None


def _marked(entry: Mapping[str, Any], frame: pd.DataFrame) -> bool:
    """Whether each count of a part is either printed or says why it is not, and not both."""
    rows = frame.iloc[entry["rows"]]
    return all(
        bool(((rows[name] == "") != rows[marker_of(name)].isin(["", HELD])).all())
        for name in entry["spec"]["measures"]
    )


def _unsafe(read: Sequence[_Read], found: Sequence[CellBounds]) -> dict[str, list[str]]:
    """By published table, what each count is that is not safe."""
    tables_of = {
        (number, entry["spec"]["name"]): str(entry["table"])
        for number, release in enumerate(read)
        for entry in release.structure["tables"]
    }
    unsafe: dict[str, list[str]] = {name: [] for name in sorted(set(tables_of.values()))}
    for bounds in found:
        if not bounds.safe:
            for name in {tables_of[place] for place in bounds.tables}:
                unsafe[name].append(_what(bounds))
    return unsafe


def _exposures(
    read: Sequence[_Read], unsafe: Mapping[str, list[str]], may_fall: set[str]
) -> Iterator[Exposure]:
    for name, kinds in unsafe.items():
        sizes = [size for release in read if (size := _sizes(release, name)) is not None]
        yield Exposure(
            table=name,
            releases=len(sizes),
            cells=sum(size[0] for size in sizes),
            hidden=sum(size[1] for size in sizes),
            withheld=sum(size[2] for size in sizes),
            derivable=kinds.count("derivable"),
            proven_small=kinds.count("proven_small"),
            differences=kinds.count("differences"),
            unsettled=kinds.count("unsettled"),
            may_fall=name in may_fall,
        )


def _what(bounds: CellBounds) -> str:
    """Which number of `Exposure` a count that is not safe goes into."""
    if not bounds.proven:
        return "unsettled"
    if bounds.kind in ("hidden", "withheld"):
        return "derivable" if bounds.low == bounds.high else "proven_small"
    return "proven_small" if bounds.kind == "printed" else "differences"


def _sizes(release: _Read, name: str) -> tuple[int, int, int] | None:
    """The counts of a table, those hidden, and those withheld; None when the release lacks it."""
    entries = [entry for entry in release.structure["tables"] if entry["table"] == name]
    if not entries:
        return None
    frame = release.tables[name]
    counted, withheld = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for entry in entries:
        counted[entry["rows"]] = True
        withheld[entry["rows"]] |= bool(entry["withheld"])
    measures = list(entries[0]["spec"]["measures"])
    empty = (frame[measures] == "").to_numpy(dtype=bool)[counted & ~withheld]
    return (
        int(counted.sum()) * len(measures),
        int(empty.sum()),
        int(withheld.sum()) * len(measures),
    )
