"""How fast cohort and tables are made, against the same SQL alone: `python -m benchmarks.cohort`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.measuring import Measured, measured

_WORK = "benchmarks.cohort_work"
_LINE = "{:>9} {:<11} {:>9} {:>9} {:>9} {:>9} {:>7}"


def main() -> None:
    """Prints for each size a line for each part and one for all: seconds, peak memory, ratio."""
    options = _options()
    print(_LINE.format("people", "part", "seconds", "MiB", "bare s", "bare MiB", "ratio"))
    for people in options.people:
        with tempfile.TemporaryDirectory() as place:
            measured(_WORK, ["build", place, str(people)], 1)
            ours = measured(_WORK, ["product", place], options.tries)
            bare = measured(_WORK, ["bare", place], options.tries)
        _print(people, ours, bare)


def _print(people: int, ours: Measured, bare: Measured) -> None:
    for part, seconds in ours.parts.items():
        _line(people, part, seconds, "", bare.parts[part], "")
    sizes = f"{ours.mebibytes:.0f}", f"{bare.mebibytes:.0f}"
    _line(people, "all", ours.seconds, sizes[0], bare.seconds, sizes[1])


def _line(people: int, part: str, seconds: float, size: str, bare: float, bare_size: str) -> None:
    ratio = f"{seconds / bare:.2f}" if bare > 0.001 else ""
    print(
        _LINE.format(people, part, f"{seconds:.2f}", size, f"{bare:.2f}", bare_size, ratio),
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[10**n for n in (3, 4, 5, 6)])
    parser.add_argument("--tries", type=int, default=3, help="the shortest of so many is taken")
    return parser.parse_args()


if __name__ == "__main__":
    main()
