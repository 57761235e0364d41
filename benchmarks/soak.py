"""Ten minutes with everybody in one data folder at once, while drops arrive every few seconds.

Dagster's pages, code server and daemon (`safer-streets ui`), an operator's commands, eight
analysts, a notebook that keeps its connection through several releases, and a browser. Nobody may
meet an error: a command waits for its turn, a reader reads the release that they opened. Each
minute a line says what was done and what it takes: memory (MiB) and open files of Dagster's
processes, MiB of the stores and of Dagster's history. At the end every drop is accounted for, and
all releases together are attacked.

    python -m benchmarks.soak [--minutes 10] [--every 4.5] [--people 400] [--analysts 8]

Exits 1 when anybody met an error, when a drop is missing, or when a release can be attacked.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.soak_actors import Met, browser, commands, drops, notebook, readers
from benchmarks.soak_watch import HEADING, line, look
from safer_streets_assets.stores import DataFolder, open_stores

ENDS_WITHIN_SECONDS = 60
LAST_RUNS = 5
"""How often a run is asked for at the end: what settled last is taken in by the first, a second
says that there is nothing new."""
ELSEWHERE = {"SAFER_STREETS_DAGSTER", "SAFER_STREETS_KEYS", "DAGSTER_HOME"}
"""What would lead to another folder than the one that is made."""
COMMAND = (
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'safer-streets'; "
    "from safer_streets_assets.program import main; main()",
)


def main(minutes: float, every: float, people: int, analysts: int) -> int:
    """Makes a data folder and drops, lets everybody work in it, and says what they met."""
    place = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        data, staged = place / "data", place / "staged"
        kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        given = {**kept, "SAFER_STREETS_DATA": str(data), "PYTHONWARNINGS": "ignore"}
        _do(given, "init")
        _do(given, "demo-drops", str(staged), "--people", str(people), "--months", "36")
        met = Met()
        handed = _together(data, staged, given, met, minutes, every, analysts)
        return _say_how_it_ended(given, data, met, handed)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _together(
    data: Path,
    staged: Path,
    given: Mapping[str, str],
    met: Met,
    minutes: float,
    every: float,
    analysts: int,
) -> int:
    """Everybody at once, for so many minutes; how many drops were handed over."""
    port = _free_port()
    over = threading.Event()
    with (data.parent / "ui.log").open("w") as log:
        dagster = subprocess.Popen(  # noqa: S603 (this program's own interpreter and modules)
            [*COMMAND, "ui", "--port", str(port)], env=dict(given), stdout=log, stderr=log
        )
        published = data / "published" / "published.duckdb"
        work: dict[str, Callable[[], None]] = {
            "drops": lambda: drops(staged, data / "landing", every, over, met),
            "commands": lambda: commands(COMMAND, given, published, over, met),
            "browser": lambda: browser(port, over, met),
            "notebook": lambda: notebook(published, over, met),
            "analysts": lambda: readers(published, analysts, over, met),
        }
        threads = [threading.Thread(target=one, name=name) for name, one in work.items()]
        for thread in threads:
            thread.start()
        try:
            _watch(data, dagster, met, minutes)
        finally:
            over.set()
            for thread in threads:
                thread.join()
            dagster.send_signal(signal.SIGTERM)
            dagster.wait(ENDS_WITHIN_SECONDS)
    if dagster.returncode not in (0, 130, -signal.SIGTERM):
        met.error("ui", f"ended with {dagster.returncode}")
    for said in (data.parent / "ui.log").read_text().splitlines():
        if "rror" in said:
            met.error("ui", said)
    return met.done["drops"]


def _watch(data: Path, dagster: subprocess.Popen[bytes], met: Met, minutes: float) -> None:
    """A line each minute, until the time is over or Dagster has ended by itself."""
    print(HEADING, flush=True)
    began = time.monotonic()
    for minute in range(1, max(1, round(minutes)) + 1):
        ends = began + 60 * minutes * minute / max(1, round(minutes))
        while time.monotonic() < ends:
            if dagster.poll() is not None:
                met.error("ui", "ended by itself")
                return
            time.sleep(0.5)
        print(line(minute, met, look(data, dagster.pid)), flush=True)


def _say_how_it_ended(given: Mapping[str, str], data: Path, met: Met, handed: int) -> int:
    """What was met, whether each drop is accounted for, and what the attack says."""
    for _ in range(LAST_RUNS):
        if "Nothing new" in _do(given, "run"):
            break
    left = [one for one in (data / "landing").rglob("*") if one.is_file()]
    known = _known_drops(data)
    attack = _do(given, "attack")
    for who, what, times in met.errors():
        print(f"{who} met {times} times: {what}")
    print(f"{handed} drops handed over, {known} on the ledger, {len(left)} left in the landing.")
    print(f"Errors that reached somebody: {met.failed}.")
    print(attack.strip().splitlines()[-1])
    return 1 if met.failed or left or known != handed else 0


def _known_drops(data: Path) -> int:
    """How many drops the ledger has; the same bytes of one source are one drop."""
    folder = DataFolder(data, data / "keys")
    with open_stores(folder, read=["registers"]) as connection:
        found = connection.execute("SELECT count(*) FROM registers.drops").fetchone()
    return int(found[0]) if found else 0


def _do(given: Mapping[str, str], *words: str) -> str:
    """What a command says; one that fails ends the benchmark."""
    run = subprocess.run(  # noqa: S603 (this program's own interpreter and modules)
        [*COMMAND, *words], env=dict(given), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise SystemExit(f"safer-streets {words[0]} ended with {run.returncode}: {run.stderr}")
    return run.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=4.5, help="seconds between two drops")
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--analysts", type=int, default=8)
    sys.exit(main(**vars(parser.parse_args())))
