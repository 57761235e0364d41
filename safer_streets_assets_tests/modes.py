"""Looks at the modes of every file of a data folder, at each change that is made to it.

Files in the making and write-ahead logs are there for moments only: so a process that is watched
looks before each of its own changes, not only at its end.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb

OTHERS = 0o077
READABLE = {0o755, 0o644}
MAY_BE_READ = (
    "published",
    "published/index.html",
    "published/published.duckdb",
    "published/releases",
)
"""What is for analysts. A release in the making is not: its folder is closed until it is whole."""
_EVENTS = ("open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod")


def open_to_others(root: Path) -> dict[str, str]:
    """Files and folders below a data folder that are open to others and should not be, and their
    modes. What lies in the landing folder came from somebody else, with modes of its own.
    """
    found = {}
    for base, folders, files in os.walk(root):
        place = Path(base).relative_to(root)
        if place.parts == ("landing",):
            folders.clear()
            continue
        for name in [*folders, *files]:
            path = place / name
            try:
                mode = stat.S_IMODE(os.lstat(root / path).st_mode)
            except FileNotFoundError:
                continue
            if mode & OTHERS and not (_may_be_read(path) and mode in READABLE):
                found[str(path)] = oct(mode)
        if place.parts[:2] == ("published", "releases") and _is_closed(root / place):
            folders.clear()
    return found


def watch(root: Path, told: Path) -> None:
    """From now on this process looks at each of its changes, and writes what is open to `told`."""
    seen: set[str] = set()
    looking = False

    def look() -> None:
        nonlocal looking
        if looking:
            return
        looking = True
        try:
            new = {f"{name} {mode}" for name, mode in open_to_others(root).items()} - seen
            seen.update(new)
            if new:
                with told.open("a") as out:
                    out.writelines(f"{line}\n" for line in sorted(new))
        finally:
            looking = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and (event != "open" or _writes(arguments)):
            look()

    real = duckdb.DuckDBPyConnection.execute

    def execute(self: duckdb.DuckDBPyConnection, *arguments: Any) -> Any:
        done = real(self, *arguments)
        look()
        return done

    duckdb.DuckDBPyConnection.execute = execute  # type: ignore[assignment, method-assign]
    sys.addaudithook(hook)


def look_at_a_command() -> None:
    """For a command with `--data`, under a mask that keeps nothing from others: looks every so
    often, as a run makes too many changes for a look at each.
    """
    os.umask(0)
    root = Path(sys.argv[sys.argv.index("--data") + 1])
    threading.Thread(target=_look_on, args=(root,), daemon=True).start()


def told_of(root: Path) -> Path:
    """Where `look_at_a_command` writes what was open to others."""
    return root.parent / "open_to_others.txt"


def _look_on(root: Path) -> None:
    seen: dict[str, str] = {}
    while True:
        new = open_to_others(root)
        if new.keys() - seen.keys():
            seen |= new
            told_of(root).write_text("".join(f"{name} {mode}\n" for name, mode in seen.items()))
        time.sleep(0.1)


def _may_be_read(path: Path) -> bool:
    in_the_making = path.name.startswith((".published.duckdb.", ".index.html."))
    return in_the_making or str(path) in MAY_BE_READ or path.parts[:2] == ("published", "releases")


def _is_closed(folder: Path) -> bool:
    return not folder.lstat().st_mode & OTHERS


def _writes(arguments: tuple[Any, ...]) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & os.O_ACCMODE)
