"""The product beside a plain stack of the same packages, on the same drops.

    python -m benchmarks.plain DROPS

DROPS is a landing folder of invented drops that is copied, never changed: the plain stack keeps no
value out of an error. Both take the drops to protected tables, each in a fresh process over a fresh
folder. The plain stack reads, links, counts and protects table by table, and proves nothing
(`benchmarks.plain.job`). Processor seconds include child processes; memory is that of the largest
process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.disclosure.tools import TOOLS, NotRun, default_environments, environment
from benchmarks.measuring import Whole, whole_process

PACKAGE = "pytauargus"
PROGRAM = ["-c", "from safer_streets_assets.program import main; main()"]
QUIET = {"DAGSTER_DISABLE_TELEMETRY": "1", "GX_ANALYTICS_ENABLED": "false"}
_LINE = "{:18}{:>8}{:>11}{:>7}{:>7}"


def packages_of_tau_argus(environments: Path) -> str:
    """The folder of pytauargus, which is installed there when it is not.

    Raises:
        NotRun: it cannot be installed.
    """
    tool = next(one for one in TOOLS if one.package == PACKAGE)
    python = environment(tool, environments)
    return str(next(python.parents[1].glob("lib/python*/site-packages")))


def plain(drops: Path, place: Path, secondary: str, packages: str) -> Whole:
    """What the plain stack takes."""
    words = ["-m", "benchmarks.plain.job", str(drops), str(place / "plain"), secondary, packages]
    return whole_process(words, QUIET)


def product(drops: Path, place: Path) -> Whole:
    """What the product takes for the same drops, in a data folder that is made before."""
    folder = place / "data"
    its_own = {**QUIET, "SAFER_STREETS_DATA": str(folder)}
    whole_process([*PROGRAM, "init"], its_own)
    shutil.copytree(drops, folder / "landing", dirs_exist_ok=True)
    return whole_process([*PROGRAM, "run"], its_own)


def print_line(name: str, took: Whole, load: float) -> None:
    """One of the two; `load` is that of the machine when it began."""
    figures = (f"{took.seconds:.2f}", f"{took.processor:.2f}", f"{took.mebibytes:.0f}")
    print(_LINE.format(name, *figures, f"{load:.1f}"), flush=True)


def print_ratio(beside: Whole, ours: Whole) -> None:
    """How many times the plain stack the product takes."""
    ratios = (
        ours.seconds / beside.seconds,
        ours.processor / beside.processor,
        ours.mebibytes / beside.mebibytes,
    )
    print(_LINE.format("ratio", *(f"{ratio:.2f}" for ratio in ratios), ""), flush=True)


def main() -> None:
    """Prints both, as often as asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plain", description=__doc__)
    parser.add_argument("drops", type=Path, help="a landing folder of invented drops")
    parser.add_argument("--tries", type=int, default=2)
    parser.add_argument("--secondary", choices=("tau-argus", "next-smallest"), default="tau-argus")
    parser.add_argument("--environments", type=Path, default=default_environments())
    given = parser.parse_args()
    packages = ""
    if given.secondary == "tau-argus":
        try:
            packages = packages_of_tau_argus(given.environments)
        except NotRun as reason:
            sys.exit(f"{reason}: give --secondary next-smallest, which needs no other package.")
    for _ in range(given.tries):
        print(_LINE.format("", "s", "processor", "MiB", "load"))
        with tempfile.TemporaryDirectory(prefix="plain.") as made:
            load = os.getloadavg()[0]
            beside = plain(given.drops, Path(made), given.secondary, packages)
            print_line("plain stack", beside, load)
            load = os.getloadavg()[0]
            ours = product(given.drops, Path(made))
            print_line("safer-streets run", ours, load)
        print_ratio(beside, ours)


if __name__ == "__main__":
    main()
