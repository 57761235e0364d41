"""How fast change is scored and tested, against bare SQL: `python -m benchmarks.attitudes`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.made_up_responses import write_responses
from benchmarks.measuring import measured
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.policy import load_policy

_WORK = "benchmarks.attitudes_work"
_LINE = "{:>9} {:>9} {:>11} {:>9} {:>9} {:>9} {:>7}"


def main() -> None:
    """Prints a line for each size: seconds, people a second, peak memory, ratio to bare SQL."""
    options = _options()
    print(_LINE.format("people", "seconds", "people/s", "MiB", "bare s", "bare MiB", "ratio"))
    instrument = instrument_of(load_policy())
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "responses.duckdb"
        for people in options.people:
            write_responses(file, people, instrument)
            _compare(file, people, options.tries)


def _compare(file: Path, people: int, tries: int) -> None:
    ours = measured(_WORK, ["change", str(file)], tries)
    bare = measured(_WORK, ["bare", str(file)], tries)
    print(
        _LINE.format(
            people,
            f"{ours.seconds:.2f}",
            f"{people / ours.seconds:,.0f}",
            f"{ours.mebibytes:.0f}",
            f"{bare.seconds:.2f}",
            f"{bare.mebibytes:.0f}",
            f"{ours.seconds / bare.seconds:.2f}",
        ),
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attitudes", description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[10**n for n in (3, 4, 5, 6)])
    parser.add_argument("--tries", type=int, default=3, help="the shortest of so many is taken")
    return parser.parse_args()


if __name__ == "__main__":
    main()
