"""The chart of change: a dot and a 95 % interval for each scale, or each group of a scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from safer_streets_assets.attitudes.grouping import TOTAL
from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.release.charts.chart import (
    NOTHING_PRINTED,
    Chart,
    footnote_of,
    formatted,
    notes_of,
    printed_number,
    said,
    why_missing,
    without_picture,
)
from safer_streets_assets.release.charts.chart_scales import ChartScale
from safer_streets_assets.release.charts.svg import (
    GRID,
    LINE,
    QUIET,
    Picture,
    rounded_up,
    wrapped_lines,
)
from safer_streets_assets.release.content import PrintedRow, ReleaseTable

MARK = "#12436d"
WIDTH, MARGIN = 960.0, 16.0
LABELS, PLOT_LEFT, PLOT_RIGHT = 270.0, 310.0, 670.0
N_RIGHT, FIGURES = 735.0, 755.0
ROW = 30.0
INTERVAL = ("ci_low", "ci_high")
INTERVALS = (
    "The 95 % intervals (t) are each of one mean: they are not adjusted for several of them."
)


@dataclass(frozen=True)
class Axis:
    """An axis that is symmetrical about no change, from -limit to limit."""

    limit: float
    step: float

    def x(self, value: float) -> float:
        """Where a change stands."""
        half = (PLOT_RIGHT - PLOT_LEFT) / 2
        return PLOT_LEFT + half * (1 + value / self.limit)

    def ticks(self) -> list[float]:
        """The changes that are named, from the least to the greatest."""
        each_side = round(self.limit / self.step)
        return [self.step * i for i in range(-each_side, each_side + 1)]

    def decimals(self) -> int:
        """How many decimals the ticks need."""
        return next(d for d in range(10) if abs(round(self.step, d) - self.step) < 1e-12)


def change_charts(
    table: ReleaseTable, subjects: Mapping[str, ChartScale], decimals: int
) -> list[Chart]:
    """The chart of the totals, and one for each characteristic whose groups are printed rows."""
    names = dict.fromkeys(str(table.named(row)["group_name"]) for row in table.rows)
    return [change_chart(table, subjects, decimals, name) for name in names or [TOTAL]]


def change_chart(
    table: ReleaseTable, subjects: Mapping[str, ChartScale], decimals: int, group_name: str = TOTAL
) -> Chart:
    """Mean change from start to end with its 95 % interval, of everybody or of a group's values.

    `table` is the printed `attitude_change`; means are shown with so many decimals. A row that is
    not printed is listed with its reason and never drawn. Behind a closed gate, and where nothing
    is printed, there is no picture.
    """
    by = "" if group_name == TOTAL else f" by {group_name}"
    name = f"{table.name}{by}".replace(" ", "_")
    title = f"Mean change in attitudes from start to end{by}"
    rows = [row for row in map(table.named, table.rows) if _is_of(row, group_name)]
    rows = [row for row in rows if row["scale"] in subjects]
    header, lines = _figures(rows, subjects, decimals, group_name)
    if not rows:
        return without_picture(table, name, title, table.notes)
    alt, picture = NOTHING_PRINTED, None
    if any(printed_number(row, "mean_change") is not None for row in rows):
        alt = _words(rows, subjects, decimals, title)
        picture = _draw(rows, subjects, decimals, title, alt, footnote_of(table))
    headers = 1 if group_name == TOTAL else 2
    notes = (*notes_of(table), INTERVALS)
    of = (table.name, table.invented)
    return Chart(name, title, alt, picture, header, headers, lines, notes, *of)


def _is_of(row: PrintedRow, group_name: str) -> bool:
    return row["comparison"] == START_END.name and row["group_name"] == group_name


def _name(row: PrintedRow, subjects: Mapping[str, ChartScale]) -> str:
    label = subjects[str(row["scale"])].label
    return label if row["group_name"] == TOTAL else f"{label}, {row['group_value']}"


def _interval(row: PrintedRow, decimals: int) -> str:
    if any(printed_number(row, name) is None for name in INTERVAL):
        return next(
            why_missing(row, name) for name in INTERVAL if printed_number(row, name) is None
        )
    low, high = (said(row, name, decimals, sign=True) for name in INTERVAL)
    return f"{low} to {high}"


def _words(
    rows: list[PrintedRow], subjects: Mapping[str, ChartScale], decimals: int, title: str
) -> str:
    sentences = [f"{title}, in points, with 95 % confidence intervals."]
    for row in rows:
        subject, name = subjects[str(row["scale"])], _name(row, subjects)
        if printed_number(row, "mean_change") is None:
            sentences.append(f"{name}: {why_missing(row, 'mean_change')}.")
            continue
        change = said(row, "mean_change", decimals, sign=True)
        better = "; a fall is better" if subject.lower_is_better else ""
        sentences.append(
            f"{name}: {change} ({_interval(row, decimals)}), "
            f"{said(row, 'n_paired')} people{better}."
        )
    return " ".join(sentences)


def _figures(
    rows: list[PrintedRow], subjects: Mapping[str, ChartScale], decimals: int, group_name: str
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    columns = {
        "n_paired": "People with both scores",
        "mean_start": "Mean at start",
        "mean_end": "Mean at end",
        "mean_change": "Mean change",
        "ci_low": "95 % interval, lower",
        "ci_high": "95 % interval, upper",
    }
    changes = ("mean_change", *INTERVAL)
    group = () if group_name == TOTAL else (group_name.capitalize(),)
    lines = []
    for row in rows:
        subject = subjects[str(row["scale"])]
        named = (subject.label, str(row["group_value"]))[: 1 + len(group)]
        cells = [
            said(row, name, None if name == "n_paired" else decimals, name in changes)
            for name in columns
        ]
        points = f"{subject.low} to {subject.high}"
        lines.append((*named, *cells, points, str(row["direction"])))
    header = ("Scale", *group, *columns.values(), "Points", "Direction")
    return header, tuple(lines)


def _draw(
    rows: list[PrintedRow],
    subjects: Mapping[str, ChartScale],
    decimals: int,
    title: str,
    alt: str,
    footnote: tuple[str, ...],
) -> str:
    picture = Picture(WIDTH, title, alt)
    picture.text(MARGIN, 28, title, "heading")
    picture.text(N_RIGHT, 28, "People", "quiet", "end")
    picture.text(FIGURES, 28, "Change (95 % interval)", "quiet")
    y = 40.0
    for panel in _panels(rows, subjects):
        y = _draw_panel(picture, y, panel, subjects, _axis(rows, panel, subjects), decimals)
    for i, line in enumerate(footnote):
        picture.text(MARGIN, y + 6 + LINE * i, line, "quiet")
    return picture.finished(y + 20 + LINE * (len(footnote) - 1))


def _panels(
    rows: list[PrintedRow], subjects: Mapping[str, ChartScale]
) -> Iterator[list[PrintedRow]]:
    """Rows of the same points and direction: one axis can be right for them only."""

    def kind(row: PrintedRow) -> tuple[int, int, bool]:
        subject = subjects[str(row["scale"])]
        return subject.low, subject.high, subject.lower_is_better

    for wanted in dict.fromkeys(map(kind, rows)):
        yield [row for row in rows if kind(row) == wanted]


def _axis(
    rows: list[PrintedRow], panel: list[PrintedRow], subjects: Mapping[str, ChartScale]
) -> Axis | None:
    """The axis of a panel, the same for all panels of the same points; None without a figure."""
    points = subjects[str(panel[0]["scale"])].points
    same = [row for row in rows if subjects[str(row["scale"])].points == points]
    values = [printed_number(row, name) for row in same for name in ("mean_change", *INTERVAL)]
    printed = [abs(value) for value in values if value is not None]
    if not printed or all(printed_number(row, "mean_change") is None for row in panel):
        return None
    return Axis(*rounded_up(max(*printed, 0.1)))


def _draw_panel(
    picture: Picture,
    top: float,
    rows: list[PrintedRow],
    subjects: Mapping[str, ChartScale],
    axis: Axis | None,
    decimals: int,
) -> float:
    subject = subjects[str(rows[0]["scale"])]
    better = "fall" if subject.lower_is_better else "rise"
    y = top + 22
    heading = f"{subject.points.capitalize()}: a {better} is better"
    picture.text(MARGIN, y, heading, "strong")
    first = y + 10
    y, grouped = first, rows[0]["group_name"] != TOTAL
    places = []
    for scale, own in groupby(rows, key=lambda row: str(row["scale"])):
        if grouped:
            picture.text(MARGIN, y + 20, subjects[scale].label, "")
            y += ROW - 4
        for row in own:
            label = str(row["group_value"]) if grouped else subjects[scale].label
            words = wrapped_lines(label, LABELS - (18 if grouped else 0))
            height = max(ROW - 6 * grouped, LINE * len(words) + 8)
            places.append((row, words, y, height))
            y += height
    if axis is not None:
        _draw_axis(picture, axis, first, y, subject)
    for row, words, at, height in places:
        _draw_row(picture, row, words, at, height, axis, decimals, 18 if grouped else 0)
    return y + (62 if axis is not None else 14)


def _draw_axis(
    picture: Picture, axis: Axis, top: float, bottom: float, subject: ChartScale
) -> None:
    for tick in axis.ticks():
        x = axis.x(tick)
        is_zero = abs(tick) < axis.step / 2
        picture.line(x, top, x, bottom, QUIET if is_zero else GRID, 2 if is_zero else 1)
        label = "0" if is_zero else formatted(tick, axis.decimals(), sign=True)
        picture.text(x, bottom + 16, label, "quiet", "middle")
    fall, rise = ("better", "worse") if subject.lower_is_better else ("worse", "better")
    picture.text(PLOT_LEFT, bottom + 34, f"\N{LEFTWARDS ARROW} a fall: {fall}", "quiet")
    picture.text(PLOT_RIGHT, bottom + 34, f"a rise: {rise} \N{RIGHTWARDS ARROW}", "quiet", "end")
    picture.text(axis.x(0), bottom + 34, "no change", "quiet", "middle")


def _draw_row(
    picture: Picture,
    row: PrintedRow,
    words: list[str],
    top: float,
    height: float,
    axis: Axis | None,
    decimals: int,
    indent: float,
) -> None:
    middle = top + height / 2
    picture.begin(scale=str(row["scale"]), group=str(row["group_value"]))
    for i, line in enumerate(words):
        offset = (i - (len(words) - 1) / 2) * LINE + 4.5
        picture.text(MARGIN + indent, middle + offset, line)
    picture.text(N_RIGHT, middle + 4.5, said(row, "n_paired"), anchor="end")
    change = printed_number(row, "mean_change")
    low, high = (printed_number(row, name) for name in INTERVAL)
    if change is None or axis is None:
        picture.text(FIGURES, middle + 4.5, why_missing(row, "mean_change"), "quiet")
        picture.end()
        return
    if low is not None and high is not None:
        picture.line(axis.x(low), middle, axis.x(high), middle, MARK, 2.5)
        for end in (low, high):
            picture.line(axis.x(end), middle - 5, axis.x(end), middle + 5, MARK, 2.5)
    picture.dot(axis.x(change), middle, 5.5, MARK)
    text = f"{said(row, 'mean_change', decimals, sign=True)} ({_interval(row, decimals)})"
    picture.text(FIGURES, middle + 4.5, text)
    picture.end()
