"""How much is hidden and how long it takes: `python -m benchmarks.suppressor`.

Invented tables of 800 people (or as many as `--people` says), and the published ones when their
folder is given. For each: the greedy suppressor against outsiders, the same against insiders too,
and the search for the cheapest pattern with the bound that it proves (cells counted, by
`cell_weight`).
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, CountTable, TableSpec, protect, suppress
from safer_streets_assets.disclosure.core.suppression.optimum import BestPattern, search_optimum
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets.disclosure.core.suppression.weights import cell_weight

_THRESHOLD, _SECONDS = 5, 120.0
_LINE = "{:<16} {:<18} {:>7} {:>14} {:>8} {:>8} {:>8}"
_DIMENSIONS = ("borough", "offence", "outcome", "sex", "age")


def main() -> None:
    """Prints a line for each table and method: hidden cells, bound, seconds, proven or not."""
    options = _options()
    cases = {
        f"{shape} #{seed}": [_invented(tuple(map(int, shape.split("x"))), seed, options.people)]
        for shape in options.shapes
        for seed in options.seeds
    }
    for path in sorted(options.published.glob("20_*.csv")) if options.published else ():
        cases[path.stem.removeprefix("20_")] = _published(path)
    print(_LINE.format("table", "method", "hidden", "optimum/bound", "seconds", "CPU s", "proven"))
    for name, tables in cases.items():
        _measure(name, tables, "greedy", insiders=False)
        _measure(name, tables, "greedy, insiders", insiders=True)
        if not options.quick:
            _measure(name, tables, "search", insiders=False, search=True)
            _measure(name, tables, "search, insiders", insiders=True, search=True)


def _measure(
    name: str, tables: list[CountTable], method: str, *, insiders: bool, search: bool = False
) -> None:
    seen: list[tuple[Problem, Pattern, BestPattern | None]] = []

    def choose(problem: Problem, deadline: float) -> Pattern:
        found = search_optimum(problem, deadline) if search else None
        pattern = suppress(problem, deadline) if found is None else found.pattern
        seen.append((problem, pattern, found))
        return pattern

    start, worked = time.perf_counter(), time.process_time()
    made = protect(
        tables,
        threshold=_THRESHOLD,
        weights=cell_weight,
        suppressor=choose,
        insiders=insiders,
        time_limit=_SECONDS,
    )
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    problem, pattern, found = seen[-1]
    bound = ""
    if found is not None:
        least = int(problem.free.sum()) + int(np.floor(found.bound + 1e-6))
        reached = found.optimal and least == int(pattern.hidden.sum())
        bound = f"{least}" if reached else f">= {least}"
    hidden, proven = int(pattern.hidden.sum()), "no" if made.withheld else "yes"
    print(
        _LINE.format(name, method, hidden, bound, f"{seconds:.1f}", f"{worked:.1f}", proven),
        flush=True,
    )


def _invented(shape: tuple[int, ...], seed: int, people: int) -> CountTable:
    """A table of people spread over categories of very different sizes, with its margins."""
    rng = np.random.default_rng(seed)
    shares = np.ones(())
    for size in shape:
        sizes = rng.gamma(1.0, 1.0, size) if size > 8 else 0.55 ** np.arange(size)
        shares = np.multiply.outer(shares, sizes / sizes.sum())
    counts = rng.multinomial(people, shares.ravel()).reshape(shape)
    for axis in range(len(shape)):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    dimensions = [f"d{k}" for k in range(len(shape))]
    labels = [[*(f"c{i:02d}" for i in range(size)), TOTAL] for size in shape]
    rows = [(*at, int(n)) for at, n in zip(product(*labels), counts.ravel(), strict=True)]
    spec = TableSpec("invented", tuple(dimensions), "people")
    return CountTable(spec, pd.DataFrame(rows, columns=[*dimensions, "n"]))


def _published(path: Path) -> list[CountTable]:
    """Tables that share a dimension, in one long CSV: table, dimensions, value."""
    tables = []
    for name, rows in pd.read_csv(path, dtype="string").groupby("table"):
        dimensions = [d for d in _DIMENSIONS if rows[d].notna().any()]
        cells = rows[[*dimensions, "value"]].rename(columns={"value": "n"})
        cells["n"] = cells["n"].astype("Int64")
        tables.append(CountTable(TableSpec(str(name), tuple(dimensions), "people"), cells))
    return tables


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suppressor", description=__doc__)
    parser.add_argument("--shapes", nargs="*", default=["10x5", "33x8", "33x8x3"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--people", type=int, default=800, help="in each invented table")
    parser.add_argument("--published", type=Path, default=None, help="a folder of published tables")
    parser.add_argument("--quick", action="store_true", help="without the search")
    return parser.parse_args()


if __name__ == "__main__":
    main()
