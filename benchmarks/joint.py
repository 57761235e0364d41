"""How near the optimum a whole release is: all tables of a full year jointly, as the product
protects them, beside a bound.

For each year the weight of what is hidden beyond the cells that are hidden by rule (as
`weights.costs` has it), with nothing more against insiders and with it; and a weight below which no
pattern can be that is safe from outsiders: that of the linear and whole-number masters with cuts
from the attacker (`core.optimum`), valid also when they are not solved to the end. Headline cells
that have to be hidden weigh so much that the share by which ours is above the bound is of the rest
alone. The years are invented.

    python -m benchmarks.joint [--years PEOPLE:SEED ...] [--seconds N] [--work N]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import numpy as np
import pandas as pd

from benchmarks.releases import Frames, aggregates_by_month
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.disclosure.coarsening import protect_at_levels
from safer_streets_assets.disclosure.core import log_weight, protect
from safer_streets_assets.disclosure.core.suppression.optimum import guided, search_optimum
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets.disclosure.core.suppression.suppressor import against_insiders
from safer_streets_assets.disclosure.core_tables import core_table
from safer_streets_assets.disclosure.importance import headline_counts
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets.policy import Policy, load_policy

YEARS = ["800:1", "300:2", "500:3", "900:22"]
LINE = "{:<10} {:>6} {:>8} {:>8} {:>10} {:>10} {:>8} {:>12} {:>8} {:>8}"


@dataclass(frozen=True)
class Nearness:
    """Of one release: its cells, how many are hidden by rule, how many and how much (`ours`) beyond
    them, of that the headline cells (`headline`), the `bound` on ours, `searched` (what the search
    for the cheapest pattern found), ours with what insiders need, and the CPU seconds of ours and
    of the bound."""

    cells: int
    by_rule: int
    beyond: int
    ours: float
    headline: float
    bound: float
    searched: float
    with_insiders: float
    seconds: float
    seconds_of_bound: float


def problem_of(frames: Frames, reasons: pd.DataFrame, policy: Policy) -> Problem:
    """The joint problem of a first release, its tables at the levels that the product chooses."""
    chosen = protect_at_levels(
        policy,
        {},
        lambda levels: at_levels(frames, levels),
        lambda there, found: protect_tables(there, found, (), reasons),
    )
    there, made = at_levels(frames, chosen.levels), chosen.protected
    seen: list[Problem] = []

    def look(problem: Problem, deadline: float) -> Pattern:
        seen.append(problem)
        return Pattern(problem.movable.copy(), {}, ())

    protect(
        [core_table(part, there[name]) for name, own in made.parts.items() for part in own],
        threshold=policy.dpia.thresholds.minimum_count,
        links=[*made.links, *made.of_day],
        time_limit=60.0,
        weights=partial(log_weight, margin=policy.tables.importance.margin),
        headline=headline_counts(chosen.policy, made.parts, there),
        suppressor=look,
        insiders=policy.dpia.thresholds.insiders,
    )
    return seen[0]


def nearness(problem: Problem, seconds: float, work: int) -> Nearness:
    """How near the optimum ours is for a problem, with so many seconds and programmes."""

    def beyond(pattern: Pattern) -> float:
        return float(problem.cost[pattern.hidden & ~problem.free].sum())

    began = time.process_time()
    patterns = guided(problem, time.monotonic() + seconds)
    spent, pattern = time.process_time() - began, patterns[0]
    whole = min(
        beyond(against_insiders(problem, pattern, time.monotonic() + seconds))
        for pattern in patterns
    )
    began = time.process_time()
    found = search_optimum(problem, time.monotonic() + 3 * seconds, work=work)
    by_rule = problem.free & problem.system.placed
    return Nearness(
        cells=int(problem.system.placed.sum()),
        by_rule=int(by_rule.sum()),
        beyond=int((pattern.hidden & ~problem.free).sum()),
        ours=beyond(pattern),
        headline=float(problem.cost[pattern.hidden & problem.is_headline].sum()),
        bound=found.bound,
        searched=found.cost,
        with_insiders=whole,
        seconds=spent,
        seconds_of_bound=time.process_time() - began,
    )


def line_of(name: str, near: Nearness) -> str:
    """A line of the table that is printed."""
    rest = near.bound - near.headline
    above = (near.ours - near.bound) / rest if rest > 0 else np.nan
    return LINE.format(
        name,
        near.cells,
        near.by_rule,
        near.beyond,
        f"{near.ours:.1f}",
        f"{near.headline:.1f}",
        f"{near.bound:.1f}",
        f"{above:.1%} more",
        f"{near.searched:.1f}",
        f"{near.with_insiders:.1f}",
    )


def main() -> None:
    """Prints one line a year."""
    parser = argparse.ArgumentParser(prog="joint", description=__doc__)
    parser.add_argument("--years", nargs="*", default=YEARS, help="people:seed")
    parser.add_argument("--seconds", type=float, default=600.0, help="for the bound of a year")
    parser.add_argument("--work", type=int, default=40_000, help="programmes for a bound")
    chosen = parser.parse_args()
    policy = load_policy()
    print(
        LINE.format(
            *("year", "cells", "by rule", "beyond", "ours", "headline"),
            *("bound", "beyond it", "search", "insiders"),
        )
    )
    for year in chosen.years:
        people, seed = map(int, year.split(":"))
        with tempfile.TemporaryDirectory() as name:
            landing = Path(name) / "drops"
            write_demo_drops(landing, people=people, seed=seed, faults=False)
            *_, (frames, reasons) = aggregates_by_month(landing, Path(name) / "data", policy)
        near = nearness(problem_of(frames, reasons, policy), chosen.seconds, chosen.work)
        print(line_of(year, near), flush=True)


if __name__ == "__main__":
    main()
