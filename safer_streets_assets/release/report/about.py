"""The sections that say how to read the rest: what is hidden, gates, erasure, method, licences."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from safer_streets_assets.disclosure.printed_facts import GATES
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import Period
from safer_streets_assets.release.columns import MARKERS
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.licence import LICENCE
from safer_streets_assets.release.report.blocks import (
    Block,
    DataRow,
    DataTable,
    Heading,
    Points,
    ReportSection,
    Text,
)
from safer_streets_assets.release.report.grids import whole_grid
from safer_streets_assets.release.report.printed import PrintedTables, day
from safer_streets_assets.release.report.terms import WORDS
from safer_streets_assets.release.wording import not_agreed, number

TRIGGERS = {
    "publication": "the publication of the report",
    "conclusion": "the conclusion of the project",
    "stage stopped": "the decision that the stage will not go on",
    "quarantined": "the day on which the file was sealed",
    "taken in": "the moment at which its rows are durable",
    "bundle made": "the day on which the bundle was made",
    "asked for": "the request",
    "run ended": "the end of the run",
}
TRUE_ON_THE_DAY = "A printed count is true on the day of the release, and 0 is a true zero."
BY_CHANCE = "Many figures are looked at: some differences will be there by chance."
LIMITS = (
    "The evaluation describes who was reached and what changed. It has no comparison group, so "
    "nothing here says what the programme caused.",
    "Rows that do not link, and rows that break a rule and were not corrected, are in no table of "
    "people.",
    "The survey is answered by those who are there: who left early has no later answers.",
)
"""Limits of every evaluation."""
ACTIONS = {
    "erase": "erased",
    "prune": "taken out",
    "assess": "listed for somebody to decide",
}


def _limit_of_months(policy: Policy) -> list[str]:
    months = policy.tables.report.months
    return [months.limit] if months is not None else []


def about_sections(
    policy: Policy,
    identity: Identity,
    printed: PrintedTables,
    tables: Sequence[ReleaseTable],
    *,
    has_quotes: bool,
    words: Sequence[str],
) -> list[ReportSection]:
    """The sections, in their order; `has_quotes` says whether the release prints any quote, `words`
    what words of the other sections mean."""
    return [
        _suppression(policy, tables),
        _gates(policy, printed),
        _erasure(policy),
        _method(policy, identity, tables, words, has_quotes=has_quotes),
    ]


def how_counts_are_hidden(policy: Policy) -> str:
    """From which count on one is printed, and what is hidden beside it."""
    return (
        f"No count from 1 to {policy.dpia.thresholds.minimum_count - 1} is printed. Where counts "
        "are hidden, others are hidden with them, until none can be worked out from what is "
        "printed, in this release and all earlier ones together."
    )


def what_markers_mean(of: Collection[str] = tuple(MARKERS)) -> str:
    """What stands in place of a figure, of these markers."""
    marks = "; ".join(f"{marker} {meaning}" for marker, meaning in MARKERS.items() if marker in of)
    return f"In place of a figure that is not printed stands why: {marks}."


def _suppression(policy: Policy, tables: Sequence[ReleaseTable]) -> ReportSection:
    thresholds = policy.dpia.thresholds
    rules = (
        how_counts_are_hidden(policy),
        "A hidden count need not be small. Nothing says which are hidden for themselves and which "
        "with them.",
        f"A percentage is printed on a base of {thresholds.minimum_base_percent} people or more, a "
        f"mean, a median or a quartile on {thresholds.minimum_base_mean} or more, and only where "
        "the counts that it tells of are printed.",
        "A table that would be mostly hidden is printed by wider areas, quarters or bands.",
        TRUE_ON_THE_DAY,
        what_markers_mean(),
    )
    lines = tuple(
        DataRow((table.spec.title, f"{table.cells:,}", f"{table.suppressed:,}", table.verdict))
        for table in tables
    )
    header = ("Table", "Counts in it", "Of them hidden", "Whether it is proven safe")
    grid = DataTable(
        "Hidden counts by table", header, 1, lines, "suppression_summary", folded=False
    )
    return ReportSection("suppression", "What is hidden and why", (Points(rules), grid))


def _gates(policy: Policy, printed: PrintedTables) -> ReportSection:
    table = printed.get(GATES)
    if table is None:
        return ReportSection("gates", "Stage gates", (Text(printed.why_empty(GATES)),))
    how = Text(
        "Each stage of the evaluation begins when enough has been gathered for it. Until then its "
        "tables are not made."
    )
    reasons = tuple(
        f"{gate.title}: {gate.needed:,} {gate.unit} are needed. {gate.reason}"
        for gate in policy.dpia.gates
    )
    closed = {str(row["gate"]) for row in printed.rows(GATES) if not row["open"]}
    waiting = tuple(
        Text(f"{gate.title} is closed, however many there are, because {waits}.", caution=True)
        for gate in policy.dpia.gates
        if gate.name in closed and (waits := not_agreed(policy, gate))
    )
    grid = whole_grid(printed, table, folded=False)
    blocks: tuple[Block, ...] = (how, *waiting, grid, Heading("Why so many"), Points(reasons))
    return ReportSection("gates", "Stage gates", blocks)


def _erasure(policy: Policy) -> ReportSection:
    schedule = policy.dpia.retention
    notice = Text(
        "The clock of the personal data begins when the report is published "
        f"({schedule.publication_that_counts} publication). Nothing that somebody records erases "
        f"anything sooner than {number(schedule.notice_days, 'day')} after it was recorded. "
        "Releases hold no personal data."
    )
    lines = tuple(
        DataRow(
            (rule.title, f"{_period(rule.after)}{TRIGGERS[rule.trigger]}", ACTIONS[rule.action])
        )
        for rule in schedule.rules.values()
    )
    header = ("What is held", "When it falls due", "What is done then")
    grid = DataTable(
        "The retention schedule", header, 1, lines, "the retention schedule", folded=False
    )
    return ReportSection("erasure", "When data falls due for erasure", (notice, grid))


def _period(period: Period) -> str:
    parts = [
        number(count, word)
        for count, word in ((period.months, "month"), (period.days, "day"))
        if count
    ]
    return f"{' and '.join(parts)} after " if parts else "at once, after "


def _method(
    policy: Policy,
    identity: Identity,
    tables: Sequence[ReleaseTable],
    words: Sequence[str],
    *,
    has_quotes: bool,
) -> ReportSection:
    dpia = policy.dpia
    and_quotes = " and its quotes (quotes.csv)" if has_quotes else ""
    agreed = [s for s in dpia.sources.values() if s.agreement == "agreed"]
    method = (
        f"{dpia.evaluation.unit} of the {dpia.evaluation.data_controller} evaluates "
        f"{dpia.evaluation.name} with data that its partners agreed to share: "
        f"{'; '.join(f'{source.title} ({source.controller})' for source in agreed)}.",
        "Rows are linked by the case reference number, under pseudonyms. Each person counts once.",
        "Intervals of shares are Wilson's, those of mean changes are by Student's t; all are 95 % "
        "intervals, each of one figure and not adjusted for several.",
        "All tables are protected together with all earlier releases. Then an attacker that knows "
        "only what is printed tries to narrow each hidden count; what is not proven safe is "
        "withheld.",
        f"This page is made from the printed tables of the release{and_quotes}, and from nothing "
        "else. The folder of the release has them as CSV, Parquet and DuckDB files, with a data "
        "dictionary.",
    )
    scales = [
        f"{scale.name}: {scale.licence}."
        for scale in policy.questionnaire.scales.values()
        if scale.licence
    ]
    licences = (
        f"The tables and this page: {LICENCE['title']} ({LICENCE['path']}), "
        f"{dpia.evaluation.data_controller}.",
        *scales,
    )
    record = (
        f"Release {identity.release_id}, made on {day(identity.made_at.date())} by version "
        f"{identity.code_version}; {number(len(tables), 'table')}.",
        f"Hash of its content: {identity.content_hash}. Hash of the policy: "
        f"{identity.policy_hash}.",
    )
    said: list[Block] = [Heading(WORDS), Points(tuple(words))] if words else []
    return ReportSection(
        "method",
        "Method, limits and licences",
        (
            Points(method),
            *said,
            Heading("Limits"),
            Points((*LIMITS, *_limit_of_months(policy), BY_CHANCE)),
            Heading("Licences"),
            Points(licences),
            Heading("This release"),
            Points(record),
        ),
    )
