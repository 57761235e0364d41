"""How fast erasing is, against a bare copy of the store: `python -m benchmarks.erasing`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.erasing_work import build
from benchmarks.measuring import measured

_WORK = "benchmarks.erasing_work"
_LINE = "{:>9} {:>8} {:>9} {:>9} {:>9} {:>9} {:>7}"


def main() -> None:
    """Prints a line for each size: store size, seconds, memory, ratio to the bare cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.erasing", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[800, 1_000_000])
    parser.add_argument("--tries", type=int, default=3, help="the shortest of so many is taken")
    options = parser.parse_args()
    print(_LINE.format("people", "MB", "seconds", "MiB", "bare s", "bare MiB", "ratio"))
    with tempfile.TemporaryDirectory() as place:
        for people in options.people:
            _compare(Path(place) / f"{people}", people, options.tries)


def _compare(root: Path, people: int, tries: int) -> None:
    folder = build(root, people)
    size = folder.database("restricted").stat().st_size
    ours = measured(_WORK, ["enforce", str(root)], tries)
    bare = measured(_WORK, ["bare", str(root)], tries)
    print(
        _LINE.format(
            people,
            f"{size / 1e6:.1f}",
            f"{ours.seconds:.2f}",
            f"{ours.mebibytes:.0f}",
            f"{bare.seconds:.2f}",
            f"{bare.mebibytes:.0f}",
            f"{ours.seconds / bare.seconds:.2f}",
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
