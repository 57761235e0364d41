"""How fast cohort and tables are made, against bare SQL: `python -m benchmarks.cohort`."""

from __future__ import annotations

import argparse
import tempfile

from benchmarks.measuring import Measured, measured

_WORK = "benchmarks.cohort_work"
_LINE = "{:>9} {:<11} {:>8} {:>8} {:>6} {:>10} {:>10} {:>7} {:>6} {:>9}"


def main() -> None:
    """Prints for each size a line for each part and one for all: wall seconds and processor
    seconds, each with its ratio to bare SQL, and peak memory."""
    options = _options()
    titles = ("people", "part", "s", "bare s", "ratio", "processor", "bare proc.", "ratio")
    print(_LINE.format(*titles, "MiB", "bare MiB"))
    for people in options.people:
        with tempfile.TemporaryDirectory() as place:
            measured(_WORK, ["build", place, str(people)], 1)
            ours = measured(_WORK, ["product", place], options.tries)
            bare = measured(_WORK, ["bare", place], options.tries)
        for part in ours.parts:
            _print(people, part, ours, bare)
        _print(people, "all", ours, bare)


def _print(people: int, part: str, ours: Measured, bare: Measured) -> None:
    figures = []
    for own, other in ((ours.parts, bare.parts), (ours.processor, bare.processor)):
        took, beside = (
            sum(d.values()) if part == "all" else d.get(part, 0.0) for d in (own, other)
        )
        ratio = f"{took / beside:.2f}" if beside else ""
        figures += [f"{took:.2f}", f"{beside:.2f}", ratio]
    sizes = (ours.mebibytes, bare.mebibytes) if part == "all" else ()
    shown = [f"{size:.0f}" for size in sizes] or ["", ""]
    print(_LINE.format(people, part, *figures, *shown), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cohort", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[10**n for n in (3, 4, 5, 6)])
    parser.add_argument("--tries", type=int, default=3, help="the shortest of so many is taken")
    return parser.parse_args()


if __name__ == "__main__":
    main()
