"""The reference pages that are made from code and policy: reasons and published tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from safer_streets_assets.documentation.markdown import code, sentence, table_lines
from safer_streets_assets.intake.footers import MOST_FOOTERS
from safer_streets_assets.intake.readers import REASONS
from safer_streets_assets.intake.reasons import (
    DROP_REASONS,
    ELSEWHERE,
    GUIDANCE,
    HELD_REASONS,
    LATE,
    QUARANTINED_FOR,
    Reason,
    row_reasons,
)
from safer_streets_assets.policy import Policy, PublishedSpec
from safer_streets_assets.policy.retention import QUARANTINE
from safer_streets_assets.release.columns import MARKERS, Column, columns_of

MADE = "<!-- Made by `make docs`; do not edit by hand. -->"
CODES = ("Code", "What it means", "What to do")


def reasons_page(policy: Policy) -> str:
    """Every code for a row set aside, and for a drop quarantined or refused."""
    refused = set(DROP_REASONS) - set(QUARANTINED_FOR)
    share = round(100 * policy.dpia.intake.maximum_bad_row_share)
    period = policy.dpia.retention.rules[QUARANTINE].after
    days = f"{period.months} months and {period.days}" if period.months else f"{period.days}"
    lines = [
        "# Reasons",
        "",
        MADE,
        "",
        "`safer-streets drops` and the asset `drop_ledger` show these codes, never a value from a",
        "file.",
        "",
        "## Rows set aside",
        "",
        "The row stays in the restricted store with its codes. The rest of the drop is taken in.",
        f"If more than {share} % of the rows of a drop break a rule, the whole drop is "
        "quarantined.",
        f"Up to {MOST_FOOTERS} lines below the table (a total, a word of thanks) do not count for "
        "that.",
        "",
        *table_lines(CODES, _rows(row_reasons(policy).values())),
        "",
        "## Drops refused",
        "",
        "The file is not read. Its bytes are sealed under a key of their own and erased after "
        f"{days} days.",
        "",
        *table_lines(CODES, _drops(refused)),
        "",
        "## Drops quarantined",
        "",
        "The file was opened and cannot be taken in. It is sealed and erased in the same way. If",
        "the same file is sent again, it is tried again.",
        "",
        *table_lines(CODES, [*_drops(set(DROP_REASONS) - refused), *_files()]),
        "",
        "## Drops held for an operator",
        "",
        "The file can be read. It differs too much from the drops of its source before it, or an "
        "operator",
        f"decided about it. It is in no table. It is sealed, and erased after {days} days unless "
        "it is",
        "released. If it is sent again, the decision stays.",
        "",
        *table_lines(CODES, _rows(HELD_REASONS.values())),
        "",
        "## Drops loaded with a remark",
        "",
        *table_lines(CODES, _rows([LATE, GUIDANCE])),
        "",
        "## Drops in the folders of several sources",
        "",
        "Each source judges the same bytes, and one takes them in. `safer-streets drops show` says "
        "why",
        "another one did not: by one of the codes above, or by this one.",
        "",
        *table_lines(CODES, _rows([ELSEWHERE])),
        "",
    ]
    return "\n".join(lines)


def tables_page(policy: Policy) -> str:
    """Every published table: population, columns, gate and notes."""
    # A table that always stands at one level is never called otherwise.
    fixed = {name: spec.level for name, spec in policy.tables.tables.items() if spec.level}
    policy = policy.at_levels(fixed)
    thresholds = policy.dpia.thresholds
    lines = [
        "# Published tables",
        "",
        MADE,
        "",
        "Each table is in `published/published.duckdb`, and as CSV, as Parquet and in the "
        "workbook in each release.",
        "The view `<table>_labelled` adds a column with labels after each coded dimension, and "
        "`v_<table>` is for people: see [for analysts](for_analysts.md).",
        "",
        f"- A count of 1 to {thresholds.minimum_count - 1} is never printed. Further cells are "
        "hidden where it could be worked out from them.",
        f"- A percentage needs a base of {thresholds.minimum_base_percent} people, and a mean, "
        f"median or test one of {thresholds.minimum_base_mean}. A statistic of change needs the "
        "number of its gate.",
        *(
            f"- {scale.name}: {scale.licence}."
            for scale in policy.questionnaire.scales.values()
            if scale.licence is not None
        ),
        "- Each count and each statistic has a column `<name>_marker`. It is empty where the value "
        f"is printed. Otherwise it says why not: {_markers()}.",
        "- A share is computed from the printed counts. The ends of its interval are in "
        "`<name>_low` and `<name>_high`, and one marker is for all three.",
        "- `Total` in a dimension is all of its categories together. 0 is a true zero.",
        "",
        *table_lines(
            ("Table", "Shows", "Gate"),
            (
                (f"[{code(name)}](#{name})", spec.title, spec.gate or "")
                for name, spec in policy.tables.tables.items()
            ),
        ),
        "",
    ]
    for name in policy.tables.tables:
        lines += [*_table(policy, name), ""]
    return "\n".join(lines)


def _rows(reasons: Iterable[Reason]) -> Iterator[tuple[str, str, str]]:
    for reason in reasons:
        yield code(reason.code), sentence(reason.sentence), sentence(reason.remedy)


def _drops(codes: set[str]) -> Iterator[tuple[str, str, str]]:
    return _rows(reason for reason in DROP_REASONS.values() if reason.code in codes)


def _files() -> Iterator[tuple[str, str, str]]:
    for reason in REASONS.values():
        problem = reason.problem.replace("{columns}", "a named column")
        yield code(reason.code), sentence(problem), sentence(reason.advice)


def _markers() -> str:
    return ", ".join(f"`{marker}` {meaning}" for marker, meaning in MARKERS.items())


def _table(policy: Policy, name: str) -> Iterator[str]:
    spec = policy.tables.tables[name]
    columns = columns_of(policy, name, pd.DataFrame())
    yield f"## {name}"
    yield ""
    whom, unit = policy.tables.population_words(name), policy.tables.unit_of(name)
    yield f"{sentence(spec.title)} Population: {whom}. Unit of counts: {unit}."
    for text in _remarks(policy, spec):
        yield ""
        yield text
    yield ""
    yield from table_lines(
        ("Column", "Kind", "What it is", "Values"),
        (_row(column) for column in columns if column.role != "marker"),
    )


def _remarks(policy: Policy, spec: PublishedSpec) -> Iterator[str]:
    gates = {gate.name: gate for gate in policy.dpia.gates}
    if spec.gate is not None:
        gate = gates[spec.gate]
        yield (
            f"Made only when the gate `{gate.name}` is open: {gate.needed} {gate.unit} are needed. "
            f"{sentence(gate.reason)}"
        )
    if spec.notes:
        yield sentence(spec.notes)


def _row(column: Column) -> tuple[str, str, str, str]:
    return code(column.name), column.role, column.description, column.values or ""
