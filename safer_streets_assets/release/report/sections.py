"""The sections of the report that show what was found, in their order, and which tables each shows.

A table that no section names is shown as it is, under the other tables. One that is not in the
release, or has no rows, is said to be so where it would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.report.blocks import (
    Block,
    Figures,
    Heading,
    Points,
    Section,
    Text,
)
from safer_streets_assets.release.report.boroughs import borough_blocks
from safer_streets_assets.release.report.changes import change_blocks
from safer_streets_assets.release.report.findings import (
    FUNNEL,
    NOT_AN_IMPACT,
    REASONS,
    conversions,
    findings,
)
from safer_streets_assets.release.report.grids import grid_across, grids_of, whole_grid
from safer_streets_assets.release.report.pictures import (
    bar_picture,
    months_picture,
    sessions_picture,
)
from safer_streets_assets.release.report.printed import GATES, PrintedTables, Row, label_of
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
MONTH_STAGES = ("sentenced", "assigned", "started", "completed")
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


def sections_of(printed: PrintedTables, charts: Sequence[Chart]) -> list[Section]:
    """The sections from what was found to the tables that belong to no other section."""
    linkage = tuple(name for name in printed.all if name.startswith(LINKAGE))
    made = [
        _found(printed),
        _headline(printed),
        _section(printed, "funnel", "From sentence to completion", FUNNEL_TABLES, _funnel),
        _section(printed, "throughput", "Throughput by month", MONTH_TABLES, _months),
        _section(printed, "boroughs", "Boroughs", BOROUGH_TABLES, borough_blocks),
        _section(
            printed, "reasons", "Reasons for non-assignment and one-to-one", REASON_TABLES, _reasons
        ),
        _section(
            printed, "sessions", "Attendance and engagement by session", SESSION_TABLES, _sessions
        ),
        _section(
            printed,
            "experience",
            "Experience and training feedback",
            EXPERIENCE_TABLES,
            _experience,
        ),
        _section(
            printed,
            "change",
            "Change in attitudes",
            CHANGE_TABLES,
            lambda printed: change_blocks(printed, charts),
        ),
        _section(printed, "linkage", "Quality of linkage", linkage, _linkage),
    ]
    placed = {
        *FUNNEL_TABLES, *MONTH_TABLES, *BOROUGH_TABLES, *REASON_TABLES, *SESSION_TABLES,
        *EXPERIENCE_TABLES, *CHANGE_TABLES, *linkage, GATES,
    }  # fmt: skip
    rest = tuple(name for name in printed.all if name not in placed)
    if rest:
        made.append(_section(printed, "others", "Other tables", rest, lambda _: {}))
    return made


Drawn = Mapping[str, Sequence[Block]]
"""What a section shows in a way of its own, by table."""


def _section(
    printed: PrintedTables,
    name: str,
    title: str,
    tables: Sequence[str],
    draws: Callable[[PrintedTables], Drawn],
) -> Section:
    """A section of some tables: what is drawn of them, what is missing, and the others as tables."""
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
    return Section(name, title, tuple(blocks))


def _plain(printed: PrintedTables, table: ReleaseTable) -> list[Block]:
    return [Text(f"Population: {table.population}."), *grids_of(printed, table)]


def _found(printed: PrintedTables) -> Section:
    said = findings(printed)
    none = Text("This release prints no figure of which a sentence could be made.")
    blocks: list[Block] = [Points(tuple(said))] if said else [none]
    blocks.append(
        Text(
            "Each sentence is made from figures that this release prints; where a figure is hidden, "
            "there is no sentence."
        )
    )
    return Section("found", "What was found", tuple(blocks))


def _headline(printed: PrintedTables) -> Section:
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
    blocks: list[Block] = [Figures(tuple(figures))] if figures else []
    return Section("headline", "Headline figures", (*blocks, Points(caveats)))


def _funnel(printed: PrintedTables) -> Drawn:
    table = printed.get(FUNNEL)
    if table is None:
        return {}
    rows = list(map(table.named, table.rows))
    picture = bar_picture(
        printed,
        table,
        "n",
        title="People at each stage of the programme",
        rows=rows,
        label=lambda row: begun(label_of(table, "stage", row)),
    )
    said = conversions(printed)
    points = [Heading("From stage to stage"), Points(tuple(said))] if said else []
    return {FUNNEL: [*([picture] if picture else grids_of(printed, table)), *points]}


def _months(printed: PrintedTables) -> Drawn:
    table = printed.get("funnel_by_month")
    if table is None:
        return {}
    picture = months_picture(printed, table, MONTH_STAGES, table.spec.title)
    how = Text(
        "People stand in the month in which their case was disposed of, whenever they reached a "
        "later stage."
    )
    rest = [grid_across(printed, table, share) for share in table.spec.shares]
    return {table.name: [how, *([picture] if picture else grids_of(printed, table)), *rest]}


def _reasons(printed: PrintedTables) -> Drawn:
    return {
        name: list(_reason_blocks(printed, table))
        for name in REASONS
        if (table := printed.get(name)) is not None
    }


def _reason_blocks(printed: PrintedTables, table: ReleaseTable) -> Iterator[Block]:
    rows = printed.rows(table.name, borough=TOTAL)
    own = [row for row in rows if row["reason"] != TOTAL]
    grid = grid_across(printed, table, "n")
    picture = bar_picture(
        printed,
        table,
        "n",
        title=table.spec.title.partition(", by ")[0],
        rows=own,
        label=lambda row: label_of(table, "reason", row),
        grid=grid,
    )
    if picture is not None:
        yield picture
    else:
        yield Heading(table.spec.title)
        yield grid


def _sessions(printed: PrintedTables) -> Drawn:
    table = printed.get("attendance_by_session")
    if table is None:
        return {}
    rows = printed.rows(table.name, delivery=TOTAL)
    picture = sessions_picture(printed, table, rows, f"{table.spec.title}: all who started")
    return {table.name: [picture] if picture else grids_of(printed, table)}


def _experience(printed: PrintedTables) -> Drawn:
    drawn: dict[str, Sequence[Block]] = {}
    for name, figure in (("experience", "percent"), ("training_feedback", "n")):
        table = printed.get(name)
        if table is None:
            continue
        rows = [row for row in map(table.named, table.rows) if row["answer"] != TOTAL]
        picture = bar_picture(
            printed,
            table,
            figure,
            title=table.spec.title,
            rows=rows,
            label=_answer_of(table),
            text=_percent_of(printed, table) if figure == "percent" else None,
            group=lambda row, table=table: label_of(table, "question", row),  # type: ignore[misc]
        )
        if picture is not None:
            drawn[name] = [picture]
    return drawn


def _answer_of(table: ReleaseTable) -> Callable[[Row], str]:
    def label(row: Row) -> str:
        said = label_of(table, "answer", row)
        return f"Answer {said}" if said.isdigit() else said

    return label


def _percent_of(printed: PrintedTables, table: ReleaseTable) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        said = printed.cell(table, "percent", row)
        return said if printed.number(row, "percent") is None else f"{said} %"

    return text


def _linkage(printed: PrintedTables) -> Drawn:
    table = printed.get("linkage_quality")
    if table is None:
        return {}
    how = Text(
        "How many rows of each source belong to somebody of the linked cohort. Rows that do not link "
        "are in no other table."
    )
    return {table.name: [how, whole_grid(printed, table, folded=False)]}
