"""The sections of the report that show what was found, in their order, and which tables each shows.

A table that no section names is shown as it is, under the other tables. One that is not in the
release, or has no rows, is said to be so where it would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from safer_streets_assets.release.report.findings import FUNNEL, NOT_AN_IMPACT, findings
from safer_streets_assets.release.report.grids import grids_of
from safer_streets_assets.release.report.printed import GATES, PrintedTables
from safer_streets_assets.release.wording import begun

FUNNEL_TABLES = (
    "funnel",
    "funnel_by_demographics",
    "funnel_by_offence",
    "sentence_by_court",
    "eligibility_agreement",
    "dropout",
)
MONTH_TABLES = ("funnel_by_month", "time_to_stage", "roll_out")
BOROUGH_TABLES = ("funnel_by_borough", "time_to_start", "places")
REASON_TABLES = ("non_assignment", "one_to_one")
SESSION_TABLES = (
    "attendance_by_session",
    "missed_in_a_row",
    "checkins_against_crc",
    "attrition",
)
EXPERIENCE_TABLES = (
    "experience",
    "training_feedback",
    "knife_reasons",
    "survey_response",
    "case_study_themes",
)
CHANGE_TABLES = (
    "attitude_change",
    "attitude_movement",
    "reliable_change",
    "reliable_change_threshold",
    "attitude_reliability",
    "attitude_attrition",
)
LINKAGE = "linkage"
"""What the names of tables of linkage begin with."""
EXPECTED = {
    "funnel": ("funnel",),
    "throughput": ("funnel_by_month",),
    "boroughs": ("funnel_by_borough", "time_to_start"),
    "reasons": REASON_TABLES,
    "sessions": ("attendance_by_session",),
    "experience": ("experience", "training_feedback"),
    "change": ("attitude_change", "reliable_change"),
    "linkage": ("linkage_quality",),
}
"""The tables that a section is about: it says so when one of them is not there."""


def sections_of(printed: PrintedTables, charts: Sequence[Chart]) -> list[ReportSection]:
    """The sections from what was found to the tables that belong to no other section."""
    linkage = tuple(name for name in printed.all if name.startswith(LINKAGE))
    made = [
        _found(printed),
        _headline(printed),
        _section(printed, "funnel", "From sentence to completion", FUNNEL_TABLES, funnel_blocks),
        _section(printed, "throughput", "Throughput by month", MONTH_TABLES, months_blocks),
        _section(printed, "boroughs", "Boroughs", BOROUGH_TABLES, borough_blocks),
        _section(
            printed,
            "reasons",
            "Reasons for non-assignment and one-to-one",
            REASON_TABLES,
            reasons_blocks,
        ),
        _section(
            printed,
            "sessions",
            "Attendance and engagement by session",
            SESSION_TABLES,
            sessions_blocks,
        ),
        _section(
            printed,
            "experience",
            "Experience and training feedback",
            EXPERIENCE_TABLES,
            experience_blocks,
        ),
        _section(
            printed,
            "change",
            "Change in attitudes",
            CHANGE_TABLES,
            lambda printed: change_blocks(printed, charts),
        ),
        _section(printed, "linkage", "Quality of linkage", linkage, linkage_blocks),
    ]
    placed = {
        *FUNNEL_TABLES, *MONTH_TABLES, *BOROUGH_TABLES, *REASON_TABLES, *SESSION_TABLES,
        *EXPERIENCE_TABLES, *CHANGE_TABLES, *linkage, GATES,
    }  # fmt: skip
    rest = tuple(name for name in printed.all if name not in placed)
    if rest:
        made.append(_section(printed, "others", "Other tables", rest, lambda _: {}))
    return made


def _section(
    printed: PrintedTables,
    name: str,
    title: str,
    tables: Sequence[str],
    draws: Callable[[PrintedTables], Drawn],
) -> ReportSection:
    """A section of some tables: what is drawn of them, what is missing, and the rest as tables."""
    drawn = draws(printed)
    blocks: list[Block] = []
    for table in dict.fromkeys((*drawn, *EXPECTED.get(name, ()), *tables)):
        found = printed.get(table)
        if found is None:
            if table in EXPECTED.get(name, ()) or table in printed.all:
                blocks.append(Text(printed.why_empty(table)))
        elif drawn.get(table):
            blocks += drawn[table]
        else:
            blocks += [Heading(found.spec.title), *_plain(printed, found)]
    return ReportSection(name, title, tuple(blocks))


def _plain(printed: PrintedTables, table: ReleaseTable) -> list[Block]:
    return [Text(f"Population: {table.population}."), *grids_of(printed, table)]


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
    figures += [
        (gate.title, now, f"{gate.unit}; {gate.needed:,} are needed")
        for gate in printed.policy.dpia.gates
        if (now := printed.figure(GATES, "n_now", gate=gate.name)) is not None
    ]
    caveats = (
        "A stage holds all later ones: whoever completed is counted at each stage before.",
        "The people of the last months may still go on: a stage that they have not reached yet is "
        "not one that they missed.",
        NOT_AN_IMPACT,
    )
    blocks: list[Block] = [HeadlineFigures(tuple(figures))] if figures else []
    return ReportSection("headline", "Headline figures", (*blocks, Points(caveats)))
