"""CHANGELOG.md of a release: what differs from the one before, in numbers of cells only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from safer_streets_assets.disclosure.coarsening import coarse_dimensions
from safer_streets_assets.disclosure.core.grid import TOTAL
from safer_streets_assets.disclosure.demands import SUPPRESSED
from safer_streets_assets.disclosure.shape import as_of_column
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import marker_of
from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets.release.database import Identity

CellKey = tuple[str, ...]


@dataclass(frozen=True)
class TableChange:
    """How the cells of a table changed. A cell is one count, statistic or constant of one row."""

    table: str
    new: int
    gone: int
    changed: int
    hidden: int
    shown: int

    @property
    def is_any(self) -> bool:
        """Whether anything changed."""
        return any((self.new, self.gone, self.changed, self.hidden, self.shown))


def changelog(
    policy: Policy,
    identity: Identity,
    tables: Mapping[str, bytes],
    before: Mapping[str, bytes] | None,
) -> str:
    """The text of CHANGELOG.md; the tables are given as CSV, by name.

    `before` is None when there is no earlier release or its files are not there any more.
    """
    lines = [f"# {identity.release_id}", "", f"Made {identity.made_at:%Y-%m-%d}.", ""]
    if identity.previous is None:
        lines.append(f"The first release: {_number(len(tables), 'table')}.")
        lines += ["", *(f"- {line}" for line in _coarse(policy, tables, {}))]
    elif before is None:
        lines.append(
            f"The files of release {identity.previous} are not there or are damaged, so the tables "
            "could not be compared with it."
        )
    else:
        lines += [f"Since release {identity.previous}:", ""]
        lines += [f"- {line}" for line in _differences(policy, tables, before)]
    return "\n".join(lines) + "\n"


def table_change(
    name: str, dimensions: Sequence[str], now: bytes, before: bytes
) -> TableChange | None:
    """What changed in one table given as CSV; None when its dimensions are not the same."""
    new, old = _cells(now, dimensions), _cells(before, dimensions)
    if new is None or old is None:
        return None
    both = [(old[key], new[key]) for key in new.keys() & old.keys()]
    hidden = sum(was != SUPPRESSED and now_is == SUPPRESSED for was, now_is in both)
    shown = sum(was == SUPPRESSED and now_is != SUPPRESSED for was, now_is in both)
    changed = sum(was != now_is for was, now_is in both) - hidden - shown
    gone = len(old.keys() - new.keys())
    return TableChange(name, len(new.keys() - old.keys()), gone, changed, hidden, shown)


def _differences(
    policy: Policy, tables: Mapping[str, bytes], before: Mapping[str, bytes]
) -> Iterator[str]:
    added = [name for name in tables if name not in before]
    removed = [name for name in before if name not in tables]
    if added:
        yield f"Tables added: {', '.join(added)}."
    if removed:
        yield f"Tables removed: {', '.join(removed)}."
    yield from _gates(policy, tables, before)
    yield from _coarse(policy, tables, before)
    lines = [
        line
        for name, content in tables.items()
        if name in before
        for line in _table_lines(policy, name, content, before[name])
    ]
    yield from lines
    if not (added or removed or lines):
        yield "No printed value changed; the notes, the policy or the structure of the tables did."


def _coarse(
    policy: Policy, tables: Mapping[str, bytes], before: Mapping[str, bytes]
) -> Iterator[str]:
    """Which tables stand at a coarser level than the policy's dimensions, and did not before."""
    for name, content in tables.items():
        for by, of in coarse_dimensions(policy, name):
            if name in before and _shared(content, before[name], of.replace(" ", "_")):
                continue
            yield f"{name}: by {by} in place of {of}, most of which would have to be hidden."


def _shared(now: bytes, before: bytes, column: str) -> set[str]:
    """The categories of a column that stand in both of two tables given as CSV, Total left out."""
    found = []
    for content in (now, before):
        header, rows = read_csv(content)
        at = header.index(column) if column in header else None
        found.append({row[at] for row in rows} if at is not None else set())
    return (found[0] & found[1]) - {TOTAL}


def _gates(
    policy: Policy, tables: Mapping[str, bytes], before: Mapping[str, bytes]
) -> Iterator[str]:
    for gate in policy.dpia.gates:
        own = [
            name
            for name in tables
            if policy.tables.tables[name].gate == gate.name and name in before
        ]
        rows = [(bool(read_csv(before[name])[1]), bool(read_csv(tables[name])[1])) for name in own]
        if (False, True) in rows:
            yield f"Gate opened: {gate.title}."
        if (True, False) in rows:
            yield f"Gate closed: {gate.title}."


def _table_lines(policy: Policy, name: str, now: bytes, before: bytes) -> Iterator[str]:
    change = table_change(name, list(policy.tables.columns(name)), now, before)
    if change is None:
        yield f"{name}: its dimensions changed."
    elif change.is_any:
        counted = {
            "new": change.new,
            "gone": change.gone,
            "printed differently": change.changed,
            "hidden now": change.hidden,
            "shown now": change.shown,
        }
        parts = [f"{_number(count, 'cell')} {what}" for what, count in counted.items() if count]
        yield f"{name}: {', '.join(parts)}."


def _cells(content: bytes, dimensions: Sequence[str]) -> dict[CellKey, str] | None:
    """What is printed in each cell, value or marker, by its categories and column."""
    header, rows = read_csv(content)
    if not set(dimensions) <= set(header):
        return None
    about = {made(name) for name in header for made in (marker_of, as_of_column)}
    columns = [name for name in header if name not in dimensions and name not in about]
    cells = {}
    for row in rows:
        fields = dict(zip(header, row, strict=True))
        key = tuple(fields[name] for name in dimensions)
        for column in columns:
            cells[(*key, column)] = fields[column] or fields.get(marker_of(column), "")
    return cells


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
