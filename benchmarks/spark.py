"""Whether Spark gives the same cohort and the same counts as DuckDB, from the same SQL.

    python -m benchmarks.spark [DROPS]

DROPS is a landing folder that is copied, never changed; without it a year of invented drops is
made. The year is taken in by `safer-streets run`. Then the SQL of the cohort, and of the rows and
the counts of every counted table at each of its levels, runs on the research store and, translated
by sqlglot, on PySpark on this machine. Results are compared row by row, in whatever order.

PySpark and Java are needed for this alone, and no lock has them. Spark's files lie in a private
folder that is removed, whatever happens. The exit code is 1 when a statement does not translate,
does not run or gives other rows.
"""

# PySpark may be missing, so what needs it is imported when it is known to be there.
# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.stages import timed
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder

if TYPE_CHECKING:
    from benchmarks.spark_work import Compared

LINE = "{:>7}{:>7}{:>10}{:>9}  {}"
WITHOUT_PYSPARK = (
    "import sys; sys.modules['pyspark'] = None; "
    "from safer_streets_assets.program import main; main()"
)
"""The command with what the locks have: great-expectations imports PySpark where it finds it, and
fails where it finds no PyArrow beside it."""
JAVA_NEEDED = "Java 17 or later (in Debian the package openjdk-17-jre-headless)"


def what_is_missing() -> str | None:
    """A sentence that says what to install before this can run, if anything."""
    if find_spec("pyspark") is None:
        return (
            "PySpark is missing, which no lock has: install it beside what requirements-dev.lock "
            f"has (python -m pip install pyspark), see that there is {JAVA_NEEDED}, and run this "
            "again."
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        return f"Java is missing, which Spark runs on: install {JAVA_NEEDED}, and run this again."
    return None


def take_in(drops: Path | None, folder: Path) -> None:
    """Makes a data folder of a year, as the command does.

    Raises:
        RuntimeError: it failed.
    """
    program = ["-c", WITHOUT_PYSPARK]
    timed([*program, "init"], folder)
    if drops is None:
        timed([*program, "demo-drops", str(folder / "landing")], folder)
    else:
        shutil.copytree(drops, folder / "landing", dirs_exist_ok=True)
    timed([*program, "run"], folder)


def line_of(one: Compared) -> str:
    """A line of the table that is printed."""
    times = f"{one.duckdb_seconds:.3f}", "" if one.failed else f"{one.spark_seconds:.3f}"
    line = LINE.format(one.rows, "yes" if one.equal else "NO", *times, one.name)
    if one.failed:
        return f"{line}: not run, {one.failed}"
    if one.found is None or one.equal:
        return line
    columns = "" if one.found.same_columns else "other columns, "
    ours, theirs = one.found.only_first, one.found.only_second
    return f"{line}: {columns}{ours} rows only in DuckDB, {theirs} only in Spark"


def print_all(drops: Path | None, made: Path) -> bool:
    """Prints a line a statement and one for all of them; returns whether all are equal."""
    from benchmarks.spark_work import SparkDidNotStartError, compared

    take_in(drops, made / "data")
    private = made / "spark"
    private.mkdir(mode=0o700)
    folder = DataFolder(made / "data", made / "data" / "keys")
    print(LINE.format("rows", "equal", "DuckDB s", "Spark s", "statement"))
    found = []
    try:
        for one in compared(folder, load_policy(), private):
            found.append(one)
            print(line_of(one), flush=True)
    except SparkDidNotStartError:
        raise SystemExit(f"Spark did not start; it needs {JAVA_NEEDED}.") from None
    equal = [one for one in found if one.equal]
    print(
        LINE.format(
            sum(one.rows for one in found),
            "yes" if len(equal) == len(found) else "NO",
            f"{sum(one.duckdb_seconds for one in found):.3f}",
            f"{sum(one.spark_seconds for one in found):.3f}",
            f"{len(equal)} of {len(found)} statements are equal",
        )
    )
    return len(equal) == len(found)


def main() -> None:
    """Prints the comparison.

    Raises:
        SystemExit: with a sentence if something is missing, with 1 if not all is equal.
    """
    parser = argparse.ArgumentParser(prog="spark", description=__doc__)
    parser.add_argument("drops", nargs="?", type=Path, help="a landing folder")
    given = parser.parse_args()
    if missing := what_is_missing():
        raise SystemExit(missing)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # An exception, so that the folder goes on the way out.
        signal.signal(number, lambda code, _: sys.exit(128 + code))
    with tempfile.TemporaryDirectory(prefix="spark.") as made:
        equal = print_all(given.drops, Path(made))
    raise SystemExit(0 if equal else 1)


if __name__ == "__main__":
    main()
