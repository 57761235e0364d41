"""A year of releases: how stale and how suppressed tables are, monthly or quarterly, held back or
hidden.

Takes a year of drops month by month into a data folder of its own, as far as the aggregates, and
protects the release of each month (or quarter) together with all before it, as the pipeline does.
`hidden` is the share of the counts above zero that the last release does not print, `stale` by how
many people the printed totals of the funnel are behind, as a share of all. The year is invented;
another one is taken with --landing (copied, not touched).

    python -m benchmarks.releases [--landing DIR] [--months N]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import dagster as dg
import pandas as pd

from safer_streets_assets.attitudes import assets as attitudes
from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.disclosure import assets as disclosure
from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.core_tables import Level
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.levels import at_levels, load_all
from safer_streets_assets.disclosure.printed_before import PrintedBefore
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.repairing import protect_release
from safer_streets_assets.intake import assets as intake
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.reoffending import assets as reoffending
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.resource import StoresResource

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WITHOUT_MONTH = (9999, 12)
Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Year:
    """What the last release of a year is like."""

    releases: int
    hidden: float
    stale: float
    withheld: int
    seconds: float


def month_of(path: Path) -> tuple[int, int]:
    """The month that a file's name says it is of; the last one when it says none."""
    named = re.search(r"([A-Z][a-z]{2})[a-z]* (\d{4})", path.name)
    if named and named[1] in MONTHS:
        return int(named[2]), MONTHS.index(named[1]) + 1
    dated = re.search(r"(\d{4})-?(\d{2})", path.name)
    return (int(dated[1]), int(dated[2])) if dated else WITHOUT_MONTH


def aggregates_by_month(
    landing: Path, data: Path, policy: Policy
) -> Iterator[tuple[Frames, pd.DataFrame]]:
    """The aggregates after each month's drops, and why cells of theirs have no value."""
    folder = DataFolder(data, data / "keys")
    preflight(folder)
    stages = (intake, cohort, attitudes, reoffending)
    assets = [asset for stage in stages for asset in stage.build_assets(policy)]
    definitions = dg.Definitions(
        assets=[*assets, disclosure.build_assets(policy)[0]],
        resources={"stores": StoresResource(data_folder=str(data))},
        executor=dg.in_process_executor,
    )
    job = definitions.resolve_implicit_global_asset_job_def()
    files = sorted(path for path in landing.rglob("*") if path.is_file())
    months = sorted({month_of(path) for path in files} - {WITHOUT_MONTH})
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    for month in months:
        wanted = {month} if month != months[-1] else {month, WITHOUT_MONTH}
        for path in (path for path in files if month_of(path) in wanted):
            target = folder.landing / path.relative_to(landing)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)  # drops are ordered by when they were saved, too
        look_at_landing(folder)
        time.sleep(policy.dpia.intake.settle_seconds + 1)
        look_at_landing(folder)
        job.execute_in_process(raise_on_error=True, run_config=quiet)
        with open_stores(folder, read=["research"]) as connection:
            reasons = connection.execute("FROM research.attitude_not_estimable").df()
            yield load_all(connection, policy), reasons


def release_year(months: list[tuple[Frames, pd.DataFrame]], policy: Policy, every: int) -> Year:
    """Protects every so many months' release with all before it."""
    previous: list[PublishedRelease] = []
    before = PrintedBefore()
    recorded: dict[str, Level] = {}
    for frames, reasons in months[every - 1 :: every]:
        began = time.monotonic()
        chosen = protect_release(policy, frames, recorded, previous, reasons, before)
        made, seconds = chosen.protected, time.monotonic() - began
        recorded |= {
            choice.table_name: chosen.levels[choice.table_name] for choice in chosen.choices
        }
        core, structure = made.core, structure_of(made, chosen.levels)
        name = f"r{len(previous)}"
        previous.append(
            as_published(name, structure, made.tables, core.not_monotone, core.alone, made.of_day)
        )
        before = before.then(made.tables, core.evidence)
    return _year(policy, made, at_levels(frames, chosen.levels), len(previous), seconds)


def _year(
    policy: Policy, made: ProtectedTables, frames: Frames, releases: int, seconds: float
) -> Year:
    above = hidden = 0
    for name, frame in frames.items():
        for count in policy.tables.tables[name].counts:
            if len(made.tables[name]) == len(frame):
                positive = frame[count].fillna(0).gt(0).to_numpy()
                above += int(positive.sum())
                hidden += int(made.tables[name][count].isna().to_numpy()[positive].sum())
    true = frames["funnel"]["n"].astype(float).to_numpy()
    printed = (
        made.tables["funnel"]["n"].astype("Float64").to_numpy(dtype=float, na_value=float("nan"))
    )
    told = ~pd.isna(printed)
    behind = abs(true[told] - printed[told]).sum() / max(true[told].sum(), 1)
    return Year(releases, hidden / max(above, 1), behind, len(made.core.withheld), seconds)


def with_hold_back(policy: Policy, hold_back: bool) -> Policy:
    """The policy with or without holding back."""
    thresholds = policy.dpia.thresholds.model_copy(
        update={"hold_back": hold_back, "proof_seconds": 1800.0}
    )
    return replace(policy, dpia=policy.dpia.model_copy(update={"thresholds": thresholds}))


def main() -> None:
    """Prints one line a way of publishing."""
    parser = argparse.ArgumentParser(prog="releases", description="A year of releases.")
    parser.add_argument("--landing", type=Path, default=None, help="drops to take instead")
    parser.add_argument("--months", type=int, default=12)
    chosen = parser.parse_args()
    policy = load_policy()
    with tempfile.TemporaryDirectory() as name:
        landing = chosen.landing
        if landing is None:
            landing = Path(name) / "drops"
            write_demo_drops(landing, faults=False)
        made = list(aggregates_by_month(landing, Path(name) / "data", policy))[: chosen.months]
    print("published   small moves   releases   hidden   stale   withheld   seconds (last)")
    for word, every in (("quarterly", 3), ("monthly", 1)):
        for moves, hold_back in (("held back", True), ("hidden", False)):
            year = release_year(made, with_hold_back(policy, hold_back), every)
            print(
                f"{word:<11} {moves:<13} {year.releases:>8} {year.hidden:>8.0%} {year.stale:>7.1%}"
                f" {year.withheld:>10} {year.seconds:>16.1f}"
            )


if __name__ == "__main__":
    main()
