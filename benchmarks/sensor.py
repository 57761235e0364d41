"""What a tick of the sensor costs with many files in the landing, and what registering them costs.

Prints times of one run of this script and their ratios: a bare walk of the folder (`os.scandir` and
`stat`) is the least that any look can do, and reading and hashing each file is the least that
registering can do. Seconds are of processor time, the least of several rounds, so that other
programs on the machine matter little.

    python -m benchmarks.sensor [FILES]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import dagster as dg
from dagster._core.storage.dagster_run import DagsterRun

from safer_streets_assets.intake.landing import drop_id_of, files_in_landing, look_at_landing
from safer_streets_assets.intake.ledger import register_arrivals
from safer_streets_assets.intake.sensor import build_sensor
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import now_utc

FILES, BYTES, ROUNDS = 10_000, 2_000, 5
JOB = "evaluation"


def bare_walk(folder: Path) -> int:
    """The files below a folder, each looked at once."""
    pending, seen = [str(folder)], 0
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    seen += 1
    return seen


def least(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of processor time of the quickest round."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def say(what: str, seconds: float, against: str, base: float) -> None:
    """One line: what, seconds, and how many times what it is held against."""
    sys.stdout.write(f"{what:<46} {seconds:8.3f} s  {seconds / base:7.1f} x {against}\n")


def main(files: int = FILES) -> None:
    """Makes a landing folder with that many small files, and measures."""
    root = Path(tempfile.mkdtemp())
    try:
        folder = DataFolder(root / "data", root / "data" / "keys").prepare()
        (folder.landing / "nps_court_outcomes").mkdir()
        for number in range(files):
            content = f"{number}\n".encode().ljust(BYTES, b"x")
            (folder.landing / "nps_court_outcomes" / f"{number}.csv").write_bytes(content)
        (root / "dagster").mkdir()
        with dg.instance_for_test(temp_dir=str(root / "dagster")) as instance:
            measure_ticks(folder, instance, files)
        measure_registering(folder)
    finally:
        shutil.rmtree(root)


def measure_ticks(folder: DataFolder, instance: dg.DagsterInstance, files: int) -> None:
    """Ticks: the first sees every file for the first time; the others find nothing changed."""
    policy = load_policy()
    sensor = build_sensor(policy, JOB, str(folder.root))

    def tick() -> str:
        with dg.build_sensor_context(instance=instance) as context:
            data = sensor.evaluate_tick(context)
        return data.skip_message or "a run is asked for"

    walk = least(lambda: bare_walk(folder.landing))
    say(f"bare walk of {files} files", walk, "itself", walk)
    say("first tick: every file is new", least(tick, 1), "the walk", walk)
    time.sleep(policy.dpia.intake.settle_seconds)
    say(f"tick: {tick()[:38]}", least(tick), "the walk", walk)
    for status in (
        dg.DagsterRunStatus.SUCCESS,
        *[dg.DagsterRunStatus.FAILURE] * policy.dpia.intake.attempts,
        dg.DagsterRunStatus.STARTED,
    ):
        instance.add_run(DagsterRun(job_name=JOB, status=status))
        say(f"tick: {tick()[:38]}", least(tick), "the walk", walk)


def measure_registering(folder: DataFolder) -> None:
    """One run's registration of all files, and of the same files once more."""
    policy = load_policy()
    look = look_at_landing(folder, policy.dpia.intake.settle_seconds)
    hashing = least(lambda: [drop_id_of(file.path) for file in files_in_landing(folder)[0]], 2)
    say("read and hash every file", hashing, "itself", hashing)
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        prepare_intake(connection, policy)
        for what in ("register all of them", "register them once more"):
            seconds = least(
                lambda: register_arrivals(
                    connection, folder, look.settled, policy.dpia.sources, now_utc()
                ),
                1,
            )
            say(what, seconds, "hashing", hashing)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
