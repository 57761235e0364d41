"""Whether Spark gives the same cohort and the same counts as DuckDB, from the same SQL.

    python -m benchmarks.spark [DROPS]

DROPS is a landing folder that is copied, never changed; without it a year of invented drops is
made. The year is taken in by `safer-streets run`. Then the SQL of the cohort, and of the rows and
the counts of every counted table at each of its levels, runs on the research store and, translated
by sqlglot, on PySpark on this machine. Results are compared row by row, in whatever order.

PySpark and Java are needed for this alone, and no lock has them. Spark's files lie in a private
folder that is removed at the end, also when this fails or is asked to end. The exit code is 1 when
a statement does not translate, does not run or gives other rows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
END_SECONDS = 30.0
"""How long is waited for killed processes to be gone."""
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
        SystemExit: it failed, with a sentence.
    """
    landing = folder / "landing"
    steps = [["init"], *([["demo-drops", str(landing)]] if drops is None else []), ["run"]]
    for step in steps:
        if step == ["run"] and drops is not None:
            shutil.copytree(drops, landing, dirs_exist_ok=True)
        command = [sys.executable, "-W", "ignore", "-c", WITHOUT_PYSPARK, *step]
        if run_apart(command, {"SAFER_STREETS_DATA": str(folder)}, quiet=True) != 0:
            raise SystemExit(f"`safer-streets {step[0]}` failed; what it said stands above.")


def run_apart(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, quiet: bool = False
) -> int:
    """Runs a command in a session of its own, with `environment` beside this process's own, and
    returns its exit code when nothing that it started is left. `quiet`, only its errors are seen.
    """
    process = subprocess.Popen(  # noqa: S603 (this program's own interpreter and modules)
        command,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    try:
        return process.wait()
    finally:
        until = time.monotonic() + END_SECONDS
        while _kill_session(process) and time.monotonic() < until:
            time.sleep(0.1)


def _kill_session(process: subprocess.Popen[bytes]) -> bool:
    """Kills what is left of a process and its session; returns whether anything was."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    process.poll()
    return True


def _leave(number: int, _: object) -> NoReturn:
    """Goes out by an exception, so that the folder is removed, and by one alone."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


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
    for number in ENDING:
        signal.signal(number, _leave)
    with tempfile.TemporaryDirectory(prefix="spark.") as made:
        data, private = Path(made) / "data", Path(made) / "spark"
        private.mkdir(mode=0o700)
        take_in(given.drops, data)
        work = ["-W", "ignore", "-m", "benchmarks.spark_work", str(data), str(private)]
        code = run_apart([sys.executable, *work])
    raise SystemExit(code)


if __name__ == "__main__":
    main()
