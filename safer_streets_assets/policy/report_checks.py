"""Whether what the report is told to show are tables, columns and stages that there are."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.report import Report
from safer_streets_assets.policy.whole import Policy


def report_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with `report` of `tables.yaml`."""
    report = policy.tables.report
    for place, table, column in _tables(report):
        if table not in policy.tables.tables:
            yield _at(place, f"there is no table {table}; name one, or take it out")
        elif column is not None and column not in policy.tables.columns(table):
            yield _at(place, f"{table} has no column {column}; name one of its dimensions")
    for place, stage in _stages(report):
        if stage not in policy.dpia.cohort.stages:
            yield _at(place, f"{stage} is not among cohort.stages of dpia.yaml; use one of those")
    for kind, section in report.sections.items():
        for table in section.about:
            if not table.startswith(tuple(section.tables)):
                yield _at(
                    f"sections.{kind}.about",
                    f"{table} begins with none of its tables; add that to tables",
                )


def _tables(report: Report) -> Iterator[tuple[str, str, str | None]]:
    """Each place that names a table, the table, and the column that it has to have."""
    for kind, section in report.sections.items():
        for table in section.about:
            yield f"sections.{kind}.about", table, None
    if report.places is not None:
        yield "places", report.places.table, report.places.column
    if report.times is not None:
        yield "times", report.times.table, report.times.column
    if report.reasons is not None:
        for table in report.reasons.says:
            yield f"reasons.says.{table}", table, report.reasons.column
    for table in report.briefing:
        yield "briefing", table, None


def _stages(report: Report) -> Iterator[tuple[str, str]]:
    if report.months is not None:
        for stage in report.months.stages:
            yield "months.stages", stage
    if report.places is not None:
        yield "places.stage", report.places.stage


def _at(place: str, what: str) -> Mistake:
    return Mistake("tables.yaml", f"report.{place}", what)
