"""A reader of releases, as a process of its own that knows DuckDB and nothing of the product.

    python reading.py PUBLISHED STOP [keep]

It looks at `published.duckdb` and at the newest release folder again and again until the file STOP
is there, and then prints how often it looked and which releases it saw. Whatever is not whole ends
it. With `keep` it stays connected to the release that it met first.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import duckdb

OPEN_TO_READERS = 0o005
PAUSE = 0.5
"""Twelve readers on a small machine leave it time to publish."""
FOLDER_EACH = 4
"""Of so many looks one is at the folder, too."""
ONE_THREAD = {"threads": 1}


def look(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the release, all parts of which say the same."""
    number, name = connection.execute('SELECT number, release_id FROM "release"').fetchone() or ()
    (studies,) = connection.execute("SELECT n FROM case_study_themes").fetchone() or ()
    (shown,) = connection.execute("SELECT n FROM v_case_study_themes").fetchone() or ()
    indexed = connection.execute("SELECT DISTINCT release_id FROM table_index").fetchall()
    if (studies, shown, indexed) != (1000 + number, str(1000 + number), [(name,)]):
        raise SystemExit(f"release {number} is not whole")
    return int(number)


def look_at_folder(releases: Path) -> None:
    """Checks every file of the newest release folder that is open to readers."""
    names = sorted(path.name for path in releases.iterdir() if not path.name.startswith("."))
    for name in reversed(names):
        folder = releases / name
        if folder.stat().st_mode & OPEN_TO_READERS == OPEN_TO_READERS:
            for line in (folder / "SHA256SUMS").read_text().splitlines():
                digest, _, path = line.partition("  ")
                if hashlib.sha256((folder / path).read_bytes()).hexdigest() != digest:
                    raise SystemExit(f"{name} is not whole")
            return


def main(published: Path, stop: Path, *, keep: bool) -> None:
    """Looks until it is told to stop."""
    place = str(published / "published.duckdb")
    kept = duckdb.connect(place, read_only=True, config=ONE_THREAD) if keep else None
    looks, seen = 0, list[int]()
    while not looks or not stop.exists():
        if kept is not None:
            number = look(kept)
        else:
            with duckdb.connect(place, read_only=True, config=ONE_THREAD) as connection:
                number = look(connection)
        if seen and number < seen[-1]:
            raise SystemExit("an older release came after a newer one")
        if not seen or number > seen[-1]:
            seen.append(number)
        if looks % FOLDER_EACH == 0:
            look_at_folder(published / "releases")
        looks += 1
        if looks == 1:
            sys.stdout.write("looking\n")
            sys.stdout.flush()
        time.sleep(PAUSE)
    sys.stdout.write(json.dumps({"looks": looks, "seen": seen}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), keep=sys.argv[3:] == ["keep"])
