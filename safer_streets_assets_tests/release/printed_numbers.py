"""Which numbers may be read in what is made of printed tables, and tables with one more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safer_streets_assets.release.content import PrintedValue, ReleaseTable
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.pages import numbers
from safer_streets_assets_tests.release.report_tables import IDENTITY

CONSTANTS = {
    95.0,  # the confidence of every interval
    1.96,  # standard errors beyond which a change is reliable
    9.0, 6.0, 10.0, 2018.0,  # numbers of articles and years of law, in policy's words
    3.0,  # the version of the licence
}  # fmt: skip
"""Numbers of our own words, beside those of policy and of the release."""
UNPRINTED = 98765


def figures_of(table: ReleaseTable) -> set[float]:
    """Every number that a table prints, also as people see it, with few decimals."""
    found = {
        abs(float(value))
        for row in table.rows
        for value in row
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return found | {float(f"{n:.3f}") or float(f"{n:.0e}") for n in found}


def words_of_policy() -> Iterable[str]:
    """The words of the policy that the report shows, with the numbers in them."""
    dpia, thresholds = POLICY.dpia, POLICY.dpia.thresholds
    yield from (f"{gate.title} {gate.unit} {gate.reason} {gate.needed}" for gate in dpia.gates)
    yield from (f"{phase.opens:%d %Y}" for phase in dpia.roll_out.phases)
    for rule in dpia.retention.rules.values():
        yield f"{rule.title} {rule.after.months} {rule.after.days}"
    yield f"{thresholds.minimum_count - 1} {thresholds.minimum_base_percent}"
    yield f"{thresholds.minimum_base_mean} {dpia.retention.notice_days}"
    yield " ".join(scale.licence or "" for scale in POLICY.questionnaire.scales.values())
    for scale in POLICY.questionnaire.scales.values():
        yield " ".join(map(str, scale.range))


def words_of(table: ReleaseTable) -> Iterable[str]:
    """The words of a table: its title, notes, categories, labels and columns."""
    yield from (table.spec.title, table.population, table.notes)
    yield from (column.description for column in table.columns)
    for row in map(table.named, table.rows):
        for column in table.columns:
            if isinstance(row[column.name], str):
                yield column.label(str(row[column.name]), row)
                yield str(row[column.name])


def own_numbers(text: str) -> set[float]:
    """The numbers of a text, without the names of the release, versions and addresses."""
    rest = text
    for name in (IDENTITY.release_id, IDENTITY.content_hash, IDENTITY.policy_hash):
        rest = rest.replace(name, "")
    return numbers(re.sub(r"\bhttps://\S+|\b\d+\.\d+\.\d+\b", "", rest))


def allowed_numbers(tables: Sequence[ReleaseTable]) -> set[float]:
    """Every number that the tables print, and those of policy, of words and of the release."""
    words = [*words_of_policy(), *(word for table in tables for word in words_of(table))]
    allowed = CONSTANTS | {n for text in words for n in numbers(text)}
    allowed |= {float(n) for table in tables for n in (table.cells, table.suppressed)}
    allowed |= {float(len(tables)), float(IDENTITY.made_at.year), float(IDENTITY.made_at.day)}
    return allowed | {n for table in tables for n in figures_of(table)}


def harmed(table: ReleaseTable, column: str, *, last: bool) -> ReleaseTable:
    """A table whose first or last printed number of a column is another one."""
    at = [one.name for one in table.columns].index(column)
    rows = [i for i, row in enumerate(table.rows) if row[at] is not None]
    return _with(table, rows[-1 if last else 0], at, UNPRINTED)


def harmed_at(
    table: ReleaseTable, where: Mapping[str, str], column: str, value: PrintedValue = UNPRINTED
) -> ReleaseTable:
    """A table with another value in a column of its only row with these categories."""
    at = [one.name for one in table.columns].index(column)
    named = list(map(table.named, table.rows))
    (row,) = [i for i, one in enumerate(named) if where.items() <= one.items()]
    return _with(table, row, at, value)


def _with(table: ReleaseTable, row: int, column: int, value: PrintedValue) -> ReleaseTable:
    lines = [list(line) for line in table.rows]
    lines[row][column] = value
    return replace(table, rows=tuple(map(tuple, lines)))
