"""What was found, in sentences made from printed figures.

A sentence stands only where every figure that it needs is printed. Which answer is the most common
one is said only where all answers are printed, because a hidden count may be the greatest.
"""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy.figures import share_columns
from safer_streets_assets.release.charts.change import INTERVAL
from safer_streets_assets.release.charts.chart import formatted
from safer_streets_assets.release.content import PrintedRow
from safer_streets_assets.release.report.printed import PrintedTables, label_of
from safer_streets_assets.release.wording import begun, enumerated

FUNNEL, CHANGE, EXPERIENCE = "funnel", "attitude_change", "experience"
NOT_AN_IMPACT = (
    "A change in attitudes is not an impact of the programme: there is no comparison group, people "
    "who start low rise by chance (regression to the mean), and those who left early are missing "
    "(attrition)."
)
READ_STAGES = (
    "Each stage also counts everybody who went further.",
    "The people of the last months may still go on: a stage that they have not reached yet is not "
    "one that they missed.",
)
NO_CLEAR_CHANGE = "no clear change"


def findings(printed: PrintedTables) -> list[str]:
    """The sentences, in the order in which people go through the programme; what they thought of it
    comes last."""
    made = [*_stages(printed), *_times(printed)]
    made += _reasons(printed)
    return [*made, *_changes(printed), *_answers(printed)]


def foremost(printed: PrintedTables) -> list[str]:
    """The sentences, in the order in which somebody with little time wants to read them."""
    made = [*_stages(printed), *_changes(printed), *_times(printed)]
    made += _reasons(printed)
    return [*made, *_answers(printed)]


def conversions(printed: PrintedTables) -> list[str]:
    """For each stage that share of the people at the stage before who reached it, as printed."""
    table, said = printed.shaped(FUNNEL, "stage", "n"), list[str]()
    before = ""
    for row in printed.rows(FUNNEL) if table is not None else ():
        stage, now = str(row["stage"]), _count(printed, row)
        for share in table.spec.shares if table is not None and before and now else ():
            ends = [printed.number(row, column) for column in share_columns(share)]
            if None not in ends and not row[f"{share}_marker"]:
                of, low, high = (formatted(round(end or 0)) for end in ends)
                said.append(
                    f"{begun(stage)}: {now} people, {of} % of those at “{before}” "
                    f"(95 % interval {low} % to {high} %)."
                )
        before = stage
    return said


def change_sentence(printed: PrintedTables, row: PrintedRow) -> str | None:
    """What is said of the change of a scale; None where a figure of it is hidden.

    Where the interval of the mean change holds 0 there is no clear change.
    """
    ends = [printed.number(row, name) for name in ("mean_change", *INTERVAL)]
    pairs = printed.number(row, "n_paired")
    table = printed.shaped(CHANGE, "scale", "direction")
    if table is None or pairs is None or None in ends:
        return None
    decimals = printed.policy.dpia.thresholds.mean_decimals
    of, low, high = (formatted(end or 0, decimals, sign=True) for end in ends)
    name = f"{label_of(table, 'scale', row)} ({row['scale']}), start to end"
    rests = f"95 % interval {low} to {high}; {formatted(round(pairs))} people with both scores"
    if (ends[1] or 0) <= 0 <= (ends[2] or 0):
        return (
            f"{name}: {NO_CLEAR_CHANGE}. The mean changed by {of} points ({rests}; "
            f"{row['direction']})."
        )
    if (reading := row.get("reading")) is None or row.get("reading_marker"):
        return None
    moved = "rose" if (ends[0] or 0) > 0 else "fell"
    points = formatted(abs(ends[0] or 0), decimals)
    return f"{name}, {moved} by {points} points, which is {reading} ({rests})."


def _stages(printed: PrintedTables) -> Iterator[str]:
    stages = printed.policy.dpia.cohort.stages
    counts = {stage: printed.figure(FUNNEL, "n", stage=stage) for stage in stages}
    shown = {stage: count for stage, count in counts.items() if count is not None}
    if len(shown) > 1:
        first, *rest = shown.items()
        others = enumerated([f"{count} “{stage}”" for stage, count in rest])
        yield f"{first[1]} people reached the stage “{first[0]}”; of them {others}."


def _times(printed: PrintedTables) -> Iterator[str]:
    rules = printed.policy.tables.report.times
    if rules is None:
        return
    of_all = {rules.column: TOTAL}
    median = printed.figure(rules.table, "median_days", **of_all)
    low = printed.figure(rules.table, "lower_quartile_days", **of_all)
    high = printed.figure(rules.table, "upper_quartile_days", **of_all)
    if median is not None:
        also = f"; {rules.spread.format(low=low, high=high)}" if low and high else ""
        yield f"{rules.says.format(median=median)}{also}."


def _reasons(printed: PrintedTables) -> Iterator[str]:
    rules = printed.policy.tables.report.reasons
    for name, words in rules.says.items() if rules is not None else ():
        yield from _reason(printed, name, rules.column if rules is not None else "", words)


def _reason(printed: PrintedTables, name: str, column: str, words: str) -> Iterator[str]:
    table = printed.shaped(name, column, "reason", "n")
    rows = printed.rows(name, **{column: TOTAL}) if table is not None else []
    everybody = next((row for row in rows if row.get("reason") == TOTAL), None)
    found = _most_common(printed, [row for row in rows if row is not everybody])
    total = everybody and _count(printed, everybody)
    if table is not None and found is not None and total:
        label = label_of(table, "reason", found)
        yield f"{words}: {label} ({_count(printed, found)} of {total} people)."


def _answers(printed: PrintedTables) -> Iterator[str]:
    table = printed.shaped(EXPERIENCE, "question", "answer", "n")
    rows = printed.rows(EXPERIENCE) if table is not None else []
    for question in dict.fromkeys(str(row["question"]) for row in rows):
        own = [row for row in rows if row["question"] == question]
        everybody = next((row for row in own if row["answer"] == TOTAL), None)
        found = _most_common(printed, [row for row in own if row is not everybody])
        total = everybody and _count(printed, everybody)
        percent = None if found is None else printed.number(found, "percent")
        if table is None or found is None or not total or percent is None:
            continue
        asked, answer = label_of(table, "question", found), label_of(table, "answer", found)
        yield (
            f"“{asked}”: the most common answer is {answer} ({_count(printed, found)} of {total} "
            f"people, {formatted(round(percent))} %)."
        )


def _changes(printed: PrintedTables) -> Iterator[str]:
    for scale in printed.policy.questionnaire.primary_scales:
        where = {"scale": scale, "comparison": START_END.name}
        for row in printed.rows(CHANGE, **where, group_name=TOTAL, group_value=TOTAL):
            if (sentence := change_sentence(printed, row)) is not None:
                yield sentence


def _most_common(printed: PrintedTables, rows: list[PrintedRow]) -> PrintedRow | None:
    """The row with the greatest count; None where one is hidden, all are 0, or two are equal."""
    counts = [printed.number(row, "n") for row in rows]
    if not counts or any(count is None for count in counts):
        return None
    greatest = max(count or 0 for count in counts)
    found = [row for row, count in zip(rows, counts, strict=True) if count == greatest]
    return found[0] if greatest > 0 and len(found) == 1 else None


def _count(printed: PrintedTables, row: PrintedRow) -> str | None:
    count = printed.number(row, "n")
    return None if count is None else formatted(round(count))
