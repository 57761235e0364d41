"""The sections of the report that show what was found, in their order, and which tables each shows.

A table that no section names is shown as it is, under the other tables. One that is not in the
release, or has no rows, is said to be so where it would stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from safer_streets_assets.disclosure.printed_facts import GATES
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.report import SectionKind
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
from safer_streets_assets.release.report.places import places_blocks
from safer_streets_assets.release.report.printed import PrintedTables
from safer_streets_assets.release.report.quotes import quote_sections
from safer_streets_assets.release.wording import begun

Drawing = Callable[[PrintedTables], Drawn]
OTHERS = "others"


GATES_SECTION = "gates"
"""The section of stage gates, which every evaluation has; `about` makes it."""


def section_of(policy: Policy, table: str) -> str | None:
    """The section that shows a table; None: no section is about such tables. Of several that fit,
    the one with the longest beginning does."""
    begins: dict[str, Sequence[str]] = {GATES_SECTION: (GATES,)}
    begins |= {kind: rules.tables for kind, rules in policy.tables.report.sections.items()}
    fits = [
        (len(begin), section)
        for section, own in begins.items()
        for begin in own
        if table.startswith(begin)
    ]
    return max(fits)[1] if fits else None


def sections_of(
    printed: PrintedTables, charts: Sequence[Chart], quotes: Sequence[PrintedQuote] = ()
) -> list[ReportSection]:
    """The sections from what was found to the tables that belong to no other section; that of
    quotes is there when there are any."""
    policy = printed.policy
    before: dict[SectionKind, Drawing] = {
        "funnel": funnel_blocks,
        "throughput": months_blocks,
        "places": places_blocks,
        "reasons": reasons_blocks,
        "sessions": sessions_blocks,
        "experience": experience_blocks,
    }
    after: dict[SectionKind, Drawing] = {
        "change": lambda one: change_blocks(one, charts),
        "linkage": linkage_blocks,
    }
    made = [
        _found(printed),
        _headline(printed),
        *_sections(printed, before),
        *quote_sections(policy, quotes),
        *_sections(printed, after),
    ]
    if any(section_of(policy, name) is None for name in printed.all):
        made.append(_section(printed, None, "Other tables", lambda _: {}))
    return made


def _sections(
    printed: PrintedTables, drawings: Mapping[SectionKind, Drawing]
) -> Iterator[ReportSection]:
    """Those sections of which the policy has a table."""
    rules, tables = printed.policy.tables.report.sections, printed.policy.tables.tables
    for kind, draws in drawings.items():
        if kind in rules and any(section_of(printed.policy, name) == kind for name in tables):
            yield _section(printed, kind, rules[kind].title, draws)


def _section(
    printed: PrintedTables,
    kind: SectionKind | None,
    title: str,
    draws: Drawing,
) -> ReportSection:
    """A section of its tables (None: of those of no other): what is drawn of them, what is missing,
    and the rest as tables."""
    drawn = draws(printed)
    policy = printed.policy
    tables = [table for table in printed.all if section_of(policy, table) == kind]
    rules = policy.tables.report.sections[kind] if kind is not None else None
    about = rules.about if rules is not None else []
    anchor = rules.anchor if rules is not None else None
    blocks: list[Block] = []
    for table in dict.fromkeys((*drawn, *about, *tables)):
        found = printed.get(table)
        if found is None:
            blocks.append(Text(printed.why_empty(table)))
        elif drawn.get(table):
            blocks += drawn[table]
        else:
            blocks += [Heading(found.spec.title), *_plain(printed, found)]
    return ReportSection(anchor or kind or OTHERS, title, tuple(blocks))


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
