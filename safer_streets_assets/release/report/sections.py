"""The sections of the report that show what was found, in their order, and which tables each shows.

A table that no section names is shown as it is, under the other tables. One that is not in the
release, or has no rows, is said to be so where it would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from safer_streets_assets.disclosure.printed_facts import GATES
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.report.blocks import (
    Block,
    Heading,
    HeadlineFigures,
    Points,
    ReportSection,
    Text,
)
from safer_streets_assets.release.report.boroughs import borough_blocks
from safer_streets_assets.release.report.changes import change_blocks
from safer_streets_assets.release.report.drawing import (
    Drawn,
    experience_blocks,
    funnel_blocks,
    linkage_blocks,
    months_blocks,
    reasons_blocks,
    sessions_blocks,
)
from safer_streets_assets.release.report.findings import (
    FUNNEL,
    NOT_AN_IMPACT,
    READ_STAGES,
    findings,
)
from safer_streets_assets.release.report.grids import grids_of
from safer_streets_assets.release.report.printed import PrintedTables
from safer_streets_assets.release.report.quotes import quote_sections
from safer_streets_assets.release.wording import begun

BEGIN = {
    "funnel": ("funnel", "sentence", "eligibility"),
    "throughput": ("funnel_by_month", "time_to_stage", "roll_out"),
    "boroughs": ("funnel_by_borough", "time_to_start", "place"),
    "reasons": ("non_assignment", "one_to_one"),
    "sessions": ("attendance", "missed_in_a_row", "checkins", "attrition", "dropout"),
    "experience": ("experience", "training", "knife_reasons", "survey_response", "case_study"),
    "change": ("attitude", "reliable_change"),
    "linkage": ("linkage", "source_conflicts", "crn_quality", "duplicates"),
    "gates": (GATES,),
}
"""What the names of the tables of a section begin with: of several that fit, the longest counts."""
EXPECTED = {
    "funnel": ("funnel",),
    "throughput": ("funnel_by_month",),
    "boroughs": ("funnel_by_borough", "time_to_start"),
    "reasons": ("non_assignment", "one_to_one"),
    "sessions": ("attendance_by_session",),
    "experience": ("experience", "training_feedback"),
    "change": ("attitude_change", "reliable_change"),
    "linkage": ("linkage_quality",),
}
"""The tables that a section is about: it says so when one of them is not there."""


OTHERS = "others"


def section_of(table: str) -> str | None:
    """The section that shows a table; None: no section is about such tables."""
    fits = [
        (len(begin), section)
        for section, begins in BEGIN.items()
        for begin in begins
        if table.startswith(begin)
    ]
    return max(fits)[1] if fits else None


def sections_of(
    printed: PrintedTables, charts: Sequence[Chart], quotes: Sequence[PrintedQuote] = ()
) -> list[ReportSection]:
    """The sections from what was found to the tables that belong to no other section; that of
    quotes is there when there are any."""
    made = [
        _found(printed),
        _headline(printed),
        _section(printed, "funnel", "From sentence to completion", funnel_blocks),
        _section(printed, "throughput", "Throughput by month", months_blocks),
        _section(printed, "boroughs", "Boroughs", borough_blocks),
        _section(printed, "reasons", "Reasons for non-assignment and one-to-one", reasons_blocks),
        _section(printed, "sessions", "Attendance and engagement by session", sessions_blocks),
        _section(printed, "experience", "Experience and training feedback", experience_blocks),
        *quote_sections(printed.policy, quotes),
        _section(printed, "change", "Change in attitudes", lambda one: change_blocks(one, charts)),
        _section(printed, "linkage", "Quality of linkage", linkage_blocks),
    ]
    if any(section_of(name) is None for name in printed.all):
        made.append(_section(printed, None, "Other tables", lambda _: {}))
    return [section for section in made if _is_about_something(printed, section.name)]


def _is_about_something(printed: PrintedTables, section: str) -> bool:
    """Whether the policy has a table of a section; one that is of no tables is always there."""
    return section not in EXPECTED or any(
        section_of(name) == section for name in printed.policy.tables.tables
    )


def _section(
    printed: PrintedTables,
    name: str | None,
    title: str,
    draws: Callable[[PrintedTables], Drawn],
) -> ReportSection:
    """A section of its tables (None: of those of no other): what is drawn of them, what is missing,
    and the rest as tables."""
    drawn = draws(printed)
    tables = [table for table in printed.all if section_of(table) == name]
    blocks: list[Block] = []
    for table in dict.fromkeys((*drawn, *EXPECTED.get(name or "", ()), *tables)):
        found = printed.get(table)
        if found is None:
            blocks.append(Text(printed.why_empty(table)))
        elif drawn.get(table):
            blocks += drawn[table]
        else:
            blocks += [Heading(found.spec.title), *_plain(printed, found)]
    return ReportSection(name or OTHERS, title, tuple(blocks))


def _plain(printed: PrintedTables, table: ReleaseTable) -> list[Block]:
    grids = [replace(grid, population="") for grid in grids_of(printed, table)]
    return [Text(f"Population: {table.population}."), *grids]


def _found(printed: PrintedTables) -> ReportSection:
    said = findings(printed)
    none = Text("This release prints no figure of which a sentence could be made.")
    blocks: list[Block] = [Points(tuple(said))] if said else [none]
    blocks.append(
        Text(
            "Each sentence is made from figures that this release prints; where a figure is "
            "hidden, there is no sentence."
        )
    )
    return ReportSection("found", "What was found", tuple(blocks))


def _headline(printed: PrintedTables) -> ReportSection:
    figures = [
        (begun(stage), count, "people at this stage or beyond")
        for stage in printed.policy.dpia.cohort.stages
        if (count := printed.figure(FUNNEL, "n", stage=stage)) is not None
    ]
    blocks: list[Block] = [HeadlineFigures(tuple(figures))] if figures else []
    caveats = Points((*READ_STAGES, NOT_AN_IMPACT))
    return ReportSection("headline", "Headline figures", (*blocks, caveats))
