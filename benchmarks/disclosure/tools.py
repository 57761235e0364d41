"""Other tools, each in a virtual environment of its own: how it is made, and how a tool is run.

A worker of `workers/` runs there, CSV in and CSV out: table, dimensions, value (empty: hidden).
"""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from benchmarks.disclosure.tables import Case

INSTALL_SECONDS = 600
WORKERS = Path(__file__).resolve().parent / "workers"


@dataclass(frozen=True)
class Tool:
    """A tool on the package index: its package, the worker that runs it, and the worker's argument
    after the threshold."""

    name: str
    package: str
    worker: str
    setting: str = ""


@dataclass(frozen=True)
class Output:
    """What a tool printed of each table (missing: hidden), and the seconds that it took."""

    tables: Mapping[str, pd.DataFrame]
    seconds: float


TOOLS = (
    Tool("tau-ARGUS OPT, range 10%", "pytauargus", "tau_argus.py", "10"),
    Tool("tau-ARGUS OPT, range 100%", "pytauargus", "tau_argus.py", "100"),
    Tool("acro", "acro", "acro_crosstab.py"),
)
NOT_RUN = (
    ("sdcTable", "an R package; this benchmark installs Python packages only"),
    ("GaussSuppression", "an R package; this benchmark installs Python packages only"),
)


class NotRun(Exception):
    """A tool gave no output; the message says why."""


def default_environments() -> Path:
    """Where the environments are kept: the user's cache, never the repository."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "safer-streets-benchmarks"


def environment(tool: Tool, environments: Path) -> Path:
    """The interpreter of the tool's environment, which is made when it is not there yet. Raises
    NotRun when the package cannot be installed."""
    place = environments / tool.package
    python = place.resolve() / "bin" / "python"
    installed = place / "installed"
    if installed.exists():
        return python
    venv.create(place, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    pip += ["--retries", "1"]
    try:
        _run([*pip, "install", tool.package], INSTALL_SECONDS)
    except NotRun:
        raise NotRun(f"{tool.package} cannot be installed here") from None
    installed.touch()
    return python


def run(tool: Tool, python: Path, case: Case, threshold: int, limit: float) -> Output:
    """What the tool prints of a case. Raises NotRun when it refuses, fails, or takes longer than
    `limit` seconds."""
    with TemporaryDirectory() as place:
        given, printed = Path(place) / "given.csv", Path(place) / "printed.csv"
        frames = [t.cells.assign(table=t.spec.name) for t in case.tables]
        pd.concat(frames).rename(columns={"n": "value"}).to_csv(given, index=False)
        worker = str(WORKERS / tool.worker)
        said = _run(
            [str(python), worker, str(given), str(printed), str(threshold), tool.setting],
            limit,
            Path(place),
        )
        report = json.loads(said.splitlines()[-1])
        if "refused" in report:
            raise NotRun(report["refused"])
        frame = pd.read_csv(printed, dtype=str, keep_default_na=False)
    tables = {t.spec.name: _read(frame, t.spec.name, t.cells) for t in case.tables}
    return Output(tables, float(report["seconds"]))


def _read(frame: pd.DataFrame, name: str, true: pd.DataFrame) -> pd.DataFrame:
    """The cells of one table in the order of the true ones; a cell left out is hidden."""
    dimensions = [c for c in true.columns if c != "n"]
    rows = frame[frame["table"] == name].set_index(dimensions)["value"]
    wanted = pd.MultiIndex.from_frame(true[dimensions].astype(str))
    printed = pd.to_numeric(rows.reindex(wanted)).astype("Float64").astype("Int64")
    return true[dimensions].assign(n=printed.to_numpy())


def _run(command: list[str], limit: float, place: Path | None = None) -> str:
    """What a command printed; it works in `place`, since some tools leave their logs there."""
    try:
        ran = subprocess.run(  # noqa: S603 (this program's own environments and workers)
            command, check=True, capture_output=True, text=True, timeout=limit, cwd=place
        )
    except subprocess.TimeoutExpired:
        raise NotRun(f"no answer in {limit:.0f} s") from None
    except (subprocess.CalledProcessError, OSError):
        raise NotRun("it failed") from None
    return ran.stdout
