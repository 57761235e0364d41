"""The pictures of the report, each drawn from one printed table, with its words and its figures."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from datetime import date

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.policy.dpia import RollOutPhase
from safer_streets_assets.release.content import PrintedRow, ReleaseTable
from safer_streets_assets.release.report.blocks import DataTable, Graphic
from safer_streets_assets.release.report.grids import grid_across, marks_of, whole_grid
from safer_streets_assets.release.report.pen import Event, LabelledBar, Panel, bars, panels
from safer_streets_assets.release.report.printed import PrintedTables, day
from safer_streets_assets.release.wording import begun

MONTH, QUARTER = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-Q(\d)")


def bar_picture(
    printed: PrintedTables,
    table: ReleaseTable,
    figure: str,
    *,
    title: str,
    rows: Sequence[PrintedRow],
    label: Callable[[PrintedRow], str],
    text: Callable[[PrintedRow], str] | None = None,
    group: Callable[[PrintedRow], str] | None = None,
    grid: DataTable | None = None,
) -> Graphic | None:
    """Bars of one figure of some rows of a table; None when none of them may be shown.

    `text` is what stands beside a bar, in place of the printed figure.
    """
    drawn = [printed.number(row, figure) for row in rows]
    if all(value is None for value in drawn):
        return None
    said = [(text or (lambda row: printed.cell(table, figure, row)))(row) for row in rows]
    given = [
        LabelledBar(
            label(row), value, words, group(row) if group else "", marks_of(printed, table, row)
        )
        for row, value, words in zip(rows, drawn, said, strict=True)
    ]
    words = _in_words(title, [(bar.group, bar.label, bar.text) for bar in given], printed, table)
    name = f"{table.name}-{figure}".replace("_", "-")
    return Graphic(
        table.name,
        title,
        subtitle(table),
        words,
        bars(name, title, words, given),
        grid or whole_grid(printed, table),
        bars=tuple(given),
    )


def months_picture(
    printed: PrintedTables, table: ReleaseTable, stages: Sequence[str], title: str
) -> Graphic | None:
    """The people at some stages by the month (or quarter) of disposal, with the days on which the
    programme opened in more boroughs."""
    rows = [row for row in map(table.named, table.rows) if row["month"] != TOTAL]
    months = list(dict.fromkeys(str(row["month"]) for row in rows))
    found = {(str(row["month"]), str(row["stage"])): row for row in rows}
    given = []
    for stage in stages:
        own = [found[month, stage] for month in months if (month, stage) in found]
        if len(own) == len(months):
            given.append(_panel(printed, table, "n", begun(stage), own))
    if not any(value is not None for panel in given for value in panel.values):
        return None
    roll_out = printed.policy.dpia.roll_out
    phases = roll_out.phases if roll_out is not None else []
    places = [(phase, _place(phase.opens, months)) for phase in phases]
    events = [Event(at, letter(phases, phase)) for phase, at in places if at is not None]
    said = [
        (panel.title, month, text)
        for panel in given
        for month, text in zip(months, panel.texts, strict=True)
    ]
    words = _in_words(title, said, printed, table)
    key = tuple(
        f"{letter(phases, phase)}: {day(phase.opens)}, the programme opened in "
        f"{', '.join(phase.boroughs)}{'' if at is not None else ' (outside the months shown)'}."
        for phase, at in places
    )
    name = table.name.replace("_", "-")
    svg = panels(name, title, words, [_month_label(month) for month in months], given, events)
    grid = grid_across(printed, table, "n")
    return Graphic(table.name, title, subtitle(table), words, svg, grid, key, scrolls=True)


def sessions_picture(
    printed: PrintedTables, table: ReleaseTable, rows: Sequence[PrintedRow], title: str
) -> Graphic | None:
    """What a table prints of each session: counts as columns, the mean engagement as dots."""
    given = []
    for figure in (*table.spec.counts, *table.spec.statistics):
        spec = table.spec.statistics.get(figure)
        scores = spec.scores if spec is not None else None
        low, high = (None, None) if scores is None else map(float, scores)
        given.append(_panel(printed, table, figure, _title(table, figure), rows, low or 0.0, high))
    if not any(value is not None for panel in given for value in panel.values):
        return None
    sessions = [str(row["session"]) for row in rows]
    said = [
        (panel.title, f"session {session}", text)
        for panel in given
        for session, text in zip(sessions, panel.texts, strict=True)
    ]
    words = _in_words(title, said, printed, table)
    svg = panels(table.name.replace("_", "-"), title, words, [[s] for s in sessions], given)
    grid = whole_grid(printed, table)
    return Graphic(table.name, title, subtitle(table), words, svg, grid, scrolls=True)


def letter(phases: Sequence[RollOutPhase], phase: RollOutPhase) -> str:
    """What marks a phase of the roll-out in a picture: A, B and so on."""
    return chr(ord("A") + list(phases).index(phase))


def _panel(
    printed: PrintedTables,
    table: ReleaseTable,
    figure: str,
    title: str,
    rows: Sequence[PrintedRow],
    low: float = 0.0,
    high: float | None = None,
) -> Panel:
    values = [printed.number(row, figure) for row in rows]
    texts = [printed.cell(table, figure, row) for row in rows]
    return Panel(title, values, texts, low, high)


def _title(table: ReleaseTable, figure: str) -> str:
    if figure in table.spec.counts:
        return table.spec.counts[figure].title
    return table.spec.statistics[figure].title


def subtitle(table: ReleaseTable) -> str:
    """Whom a picture counts, and the table that it is drawn from."""
    return f"{table.population}. Source: table {table.name} of this release."


def _in_words(
    title: str,
    said: Sequence[tuple[str, str, str]],
    printed: PrintedTables,
    table: ReleaseTable,
) -> str:
    """What a picture shows: its title, each figure with its name, and what its markers mean."""
    sentences, group, parts = [f"{title}."], "", list[str]()
    for own, label, text in said:
        if own != group and parts:
            sentences.append(f"{group + ': ' if group else ''}{'; '.join(parts)}.")
            parts = []
        group = own
        parts.append(f"{label} {text}")
    if parts:
        sentences.append(f"{group + ': ' if group else ''}{'; '.join(parts)}.")
    markers = printed.markers(table)
    return " ".join([*sentences, *([f"{markers}."] if markers else [])])


def _month_label(month: str) -> list[str]:
    """A month or a quarter in two short lines."""
    found = MONTH.fullmatch(month)
    if found:
        return [calendar.month_abbr[int(found[2])], found[1]]
    quarter = QUARTER.fullmatch(month)
    return [f"Q{quarter[2]}", quarter[1]] if quarter else [month]


def _place(opens: date, months: Sequence[str]) -> float | None:
    """Where a day stands among months or quarters, in places from the first; None: not there."""
    month, quarter = f"{opens:%Y-%m}", f"{opens.year}-Q{(opens.month + 2) // 3}"
    days = calendar.monthrange(opens.year, opens.month)[1]
    within = (opens.day - 1) / days
    if month in months:
        return months.index(month) + within
    if quarter in months:
        return months.index(quarter) + ((opens.month - 1) % 3 + within) / 3
    return None
