"""What Dagster's processes and the data folder take, as a line of a soak."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soak_actors import Met

MEBIBYTE = 1 << 20
STORES, HISTORY = ("registers", "research", "restricted"), ("dagster",)
DONE = ("drops", "commands", "pages", "notebook", "analysts")
HEADING = (
    "minute   drops commands  pages notebook errors releases  memory open files "
    "stores history history/release"
)


@dataclass(frozen=True)
class Taken:
    """Memory (resident, MiB) and open files of all processes of Dagster; MiB of the stores, and of
    Dagster's history, which grows with each run until its own retention; how many releases."""

    memory: float
    open_files: int
    stores: float
    history: float
    releases: int


def look(data: Path, process: int) -> Taken:
    """What is taken now, by the processes below one process and by a data folder."""
    below = _with_children(process)
    return Taken(
        sum(_resident(one) for one in below) / MEBIBYTE,
        sum(_open_files(one) for one in below),
        _held(data, STORES),
        _held(data, HISTORY),
        sum(1 for one in (data / "published" / "releases").glob("*") if one.is_dir()),
    )


def line(minute: int, met: Met, taken: Taken) -> str:
    """One line of the table."""
    done = [met.done[who] for who in DONE]
    return (
        f"{minute:6} {done[0]:7} {done[1]:8} {done[2]:6} {done[3]:8} {met.failed:6} "
        f"{taken.releases:8} {taken.memory:7.0f} {taken.open_files:10} "
        f"{taken.stores:6.1f} {taken.history:7.1f} {taken.history / max(1, taken.releases):15.1f}"
    )


def _held(data: Path, folders: Sequence[str]) -> float:
    files = [one for folder in folders for one in (data / folder).rglob("*")]
    return sum(_size(one) for one in files) / MEBIBYTE


def _with_children(process: int) -> list[int]:
    found, parents = [process], {}
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(one.name)] = int((one / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    for child, parent in sorted(parents.items()):
        if parent in found:
            found.append(child)
    return found


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_files(process: int) -> int:
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except OSError:
        return 0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
