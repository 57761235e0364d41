"""Disclosure control beside other tools: `python -m benchmarks.disclosure`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.disclosure.judging import Verdict, judge, with_true_totals
from benchmarks.disclosure.ours import protected, taken_apart
from benchmarks.disclosure.tables import Case, invented_cases, read_case
from benchmarks.disclosure.tools import (
    NOT_RUN,
    TOOLS,
    NotRun,
    Output,
    Tool,
    default_environments,
    environment,
    run,
)
from safer_streets_assets.disclosure.core import log_weight
from safer_streets_assets.disclosure.core.suppression.weights import cell_weight

_HEAD = (
    *("tool", "tables", "hidden", "s", "ratio", "derivable", "small", "in print"),
    *("unsettled", "t.hidden", "t.wrong"),
)
_LINE = "{:<27}{:<22}{:>7}{:>8}{:>8}{:>10}{:>7}{:>9}{:>10}{:>9}{:>8}  {}"
_OURS = (("ours", log_weight), ("ours, fewest cells", cell_weight))


def main() -> None:
    """Prints what each tool hides, what it takes, and what the attacker gets out of its output."""
    options = _options()
    cases = list(invented_cases(options.seed))
    for folder in options.cases:
        given = [read_case(file) for file in sorted(folder.glob("*.csv"))]
        cases += [case for case in given if case.has_small_cells(options.threshold)]
    interpreters = _interpreters(options)
    print(_LINE.format(*_HEAD, ""), flush=True)
    protected(cases[0], options.threshold, log_weight, options.limit)  # what is loaded once
    alone = []
    for case in cases:
        seconds, lines = _ours(case, options)
        alone += lines
        for tool, python in interpreters:
            _theirs(tool, python, case, options, seconds)
    print(f"\n{'tables':<40} protect s  attacker alone s")
    for name, protecting, attacking in alone:
        print(f"{name:<40}{protecting:>10.2f}{attacking:>18.2f}")
    _apart(options)


def _interpreters(options: argparse.Namespace) -> list[tuple[Tool, Path]]:
    """The interpreter of each tool that there is an environment for; the others get a line."""
    found = []
    for name, reason in NOT_RUN:
        print(f"{name}: not run: {reason}")
    for tool in TOOLS:
        if not options.others:
            print(f"{tool.name}: not run: give --others to install {tool.package}")
            continue
        try:
            found.append((tool, environment(tool, options.environments)))
        except NotRun as reason:
            print(f"{tool.name}: not run: {reason}")
    return found


def _ours(
    case: Case, options: argparse.Namespace
) -> tuple[float | None, list[tuple[str, float, float]]]:
    """The seconds that others are set against, and the times of protecting and attacking."""
    first, times = None, []
    for name, weights in _OURS:
        try:
            output, attacker = protected(case, options.threshold, weights, options.limit)
        except NotRun as reason:
            _say(name, case, str(reason))
            continue
        first = first or output.seconds
        _judged(name, case, output, options, first)
        times.append((f"{case.name}{name.removeprefix('ours')}", output.seconds, attacker))
    return first, times


def _theirs(
    tool: Tool, python: Path, case: Case, options: argparse.Namespace, ours: float | None
) -> None:
    try:
        output = run(tool, python, case, options.threshold, options.limit)
    except NotRun as reason:
        _say(tool.name, case, str(reason))
        return
    verdict = _judged(tool.name, case, output, options, ours)
    if verdict.totals_wrong:
        known = Output(with_true_totals(case, output.tables, options.threshold), output.seconds)
        _judged(f"{tool.name}, totals known", case, known, options, ours)


def _judged(
    name: str, case: Case, output: Output, options: argparse.Namespace, ours: float | None
) -> Verdict:
    found = judge(case, output.tables, options.threshold, options.limit)
    ratio = "" if ours is None else f"{output.seconds / ours:.2f}"
    numbers = (found.derivable, found.small, found.printed_small, found.unsettled)
    totals = (found.totals_hidden, found.totals_wrong)
    seconds = f"{output.seconds:.2f}"
    line = (name, case.name, found.hidden, seconds, ratio, *numbers, *totals, found.note)
    print(_LINE.format(*line), flush=True)
    return found


def _say(name: str, case: Case, why: str) -> None:
    print(f"{name:<27}{case.name:<22} not run: {why}", flush=True)


def _apart(options: argparse.Namespace) -> None:
    apart = taken_apart(options.seed, options.threshold, options.limit)
    verdict = "proven safe" if apart.proven else "not proven"
    print(
        f"\nseven tables tied in cycles: their joint table would have {apart.joint:,} cells; they"
        f" print {apart.printed:,}, of which {apart.unknown:,} distinct ones are unknown, and"
        f" {apart.finer:,} finer ones are reasoned about; parts: {apart.parts}, the largest of"
        f" {apart.largest:,}; {verdict} in {apart.seconds:.2f} s"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disclosure", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the invented tables")
    parser.add_argument("--threshold", type=int, default=5)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each piece of work")
    parser.add_argument("--others", action="store_true", help="install and run other tools too")
    parser.add_argument(
        "--environments",
        type=Path,
        default=default_environments(),
        help="where their virtual environments are made",
    )
    parser.add_argument(
        "--cases",
        type=Path,
        nargs="*",
        default=[],
        help="folders of tables (long CSV) to take in too",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
