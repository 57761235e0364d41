"""Where the time of `safer-streets run` goes, for the sample year, one new drop and nothing to do.

    python -m benchmarks.stages [DROPS]

DROPS is a landing folder that is copied, never changed; without it a year of invented drops is
made. The file that arrives later, as the one new drop, is missing from the first run.
Processor seconds are those of the process and its children; others who use the machine lengthen
them less than the seconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.measuring import whole_process

NEW_DROP = "nps_court_outcomes"


def timed(words: list[str], folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of a whole process over a data folder."""
    took = whole_process(words, {"SAFER_STREETS_DATA": str(folder)})
    return took.seconds, took.processor


def print_run(title: str, folder: Path) -> float:
    """Runs the command in the folder, prints its stages, and returns its processor seconds."""
    with tempfile.TemporaryDirectory() as made:
        result = Path(made) / "stages.json"
        words = ["-m", "benchmarks.stages_work", str(result), "run"]
        seconds, processor = timed(words, folder)
        stages = json.loads(result.read_text("utf-8"))
    stages["interpreter, start and end"] = [
        whole - sum(one[place] for one in stages.values())
        for place, whole in enumerate((seconds, processor))
    ]
    print(f"{title:30}{'s':>9}{'processor':>11}{'share':>8}")
    for name, (wall, used) in sorted(stages.items(), key=lambda one: -one[1][1]):
        print(f"{name:30}{wall:9.2f}{used:11.2f}{used / processor:8.0%}")
    print(f"{'whole process':30}{seconds:9.2f}{processor:11.2f}\n")
    return processor


def hold_back_one(landing: Path, aside: Path) -> None:
    """Moves the last file by name of a source away, to arrive later as the one new drop."""
    last = max((landing / NEW_DROP).iterdir(), key=lambda path: path.name)
    shutil.move(last, aside / last.name)


def main() -> None:
    """Prints all runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drops", nargs="?", type=Path, help="a landing folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stages.") as made:
        folder, aside = Path(made) / "data", Path(made) / "aside"
        aside.mkdir()
        program = ["-c", "from safer_streets_assets.program import main; main()"]
        timed([*program, "init"], folder)
        if given.drops is None:
            timed([*program, "demo-drops", str(folder / "landing")], folder)
        else:
            shutil.copytree(given.drops, folder / "landing", dirs_exist_ok=True)
        hold_back_one(folder / "landing", aside)
        print_run("the sample year", folder)
        print_run("nothing to do", folder)
        for file in aside.iterdir():
            shutil.move(file, folder / "landing" / NEW_DROP / file.name)
        print_run("one new drop", folder)
        seconds, processor = timed(["-c", "import safer_streets_assets.definitions"], folder)
        print(f"{'import of definitions':30}{seconds:9.2f}{processor:11.2f}")


if __name__ == "__main__":
    main()
