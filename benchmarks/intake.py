"""How fast drops are taken in, against the bare readers: `python -m benchmarks.intake`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.made_up_drops import write_crc, write_nps
from benchmarks.measuring import measured

_WORK = "benchmarks.intake_work"
_LINE = "{:<26} {:>9} {:>9} {:>11} {:>9} {:>9} {:>7}"


def main() -> None:
    """Prints a line for each size: rows a second, peak memory, and the ratio to the bare reader."""
    options = _options()
    print(_LINE.format("source", "rows", "seconds", "rows/s", "MiB", "bare MiB", "ratio"))
    with tempfile.TemporaryDirectory() as place:
        for rows in options.nps:
            file = Path(place) / "drop"
            write_nps(file, rows)
            _compare("nps_court_outcomes", "bare csv", file, rows, options.tries)
        for rows in options.crc:
            file = Path(place) / "drop.xlsx"
            write_crc(file, rows)
            _compare("crc_eligibility", "bare workbook", file, rows, options.tries)


def _compare(source: str, bare: str, file: Path, rows: int, tries: int) -> None:
    ours = measured(_WORK, ["intake", str(file), source], tries)
    theirs = measured(_WORK, [bare, str(file), source], tries)
    print(
        _LINE.format(
            source,
            rows,
            f"{ours.seconds:.2f}",
            f"{rows / ours.seconds:,.0f}",
            f"{ours.mebibytes:.0f}",
            f"{theirs.mebibytes:.0f}",
            f"{ours.seconds / theirs.seconds:.2f}",
        ),
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--nps", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--crc", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--tries", type=int, default=3, help="the shortest of so many is taken")
    return parser.parse_args()


if __name__ == "__main__":
    main()
