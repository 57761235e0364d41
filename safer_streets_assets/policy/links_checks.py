"""Whether links and overlaps are about rows that tables may have: one that is not tells nothing.

A link that names a category that no table prints would hold of no row and be left out without a
word; the attacker would then know less than a reader of the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.hierarchies import TOTAL
from safer_streets_assets.policy.links import LinkCell, PolicyCell
from safer_streets_assets.policy.tables_rows import FILE, Rows, list_mistake
from safer_streets_assets.policy.whole import Policy

IN_BRACES = re.compile(r"\{([^{}]*)\}")
Columns = Mapping[str, str]
"""The name by which a link or overlap knows a column, to the column of a table."""


def links_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with the links and overlaps of `tables.yaml`, in the order of the file."""
    rows = Rows(policy)
    for number, overlap in enumerate(policy.tables.overlaps):
        place = f"overlaps.{number}"
        cells: list[tuple[str, PolicyCell]] = [
            *((f"{place}.whole.{at}", cell) for at, cell in enumerate(overlap.whole)),
            (f"{place}.part", overlap.part),
            *((f"{place}.where_equal.{at}", c) for at, c in enumerate(overlap.where_equal or ())),
        ]
        yield from _together(rows, place, cells, overlap.each, {})
    for number, link in enumerate(policy.tables.links):
        place = f"links.{number}"
        for name, listed in link.over.items():
            yield from list_mistake(policy, listed, f"{place}.over.{name}")
        cells = [(f"{place}.terms.{at}", term) for at, term in enumerate(link.terms)]
        if link.where_zero is not None:
            cells.append((f"{place}.where_zero", link.where_zero))
        over = {name: list(policy.labels_of(listed)) for name, listed in link.over.items()}
        yield from _together(rows, place, cells, link.each, over)


def _together(
    rows: Rows,
    place: str,
    cells: Sequence[tuple[str, PolicyCell]],
    each: Sequence[str],
    over: Mapping[str, list[str]],
) -> Iterator[Mistake]:
    """The mistakes in cells that are said of every value of some dimensions."""
    for at, cell in cells:
        spec = rows.policy.tables.tables.get(cell.table)
        if spec is None:
            yield _at(f"{at}.table", f"table {cell.table} is not under tables; add or correct it")
            return
        if cell.count not in spec.counts:
            yield _at(f"{at}.count", f"{cell.table} has no count {cell.count}; use one it has")
    runs: dict[str, list[str] | None] = {**over}
    for name in each:
        runs[name] = _values(rows, name, cells)
        if name in over:
            yield _at(f"{place}.over.{name}", "it stands under each as well; leave it in one")
    used: set[str] = set()
    for at, cell in cells:
        columns = _columns_of(cell)
        yield from _columns(rows.policy, at, cell, columns, runs)
        yield from _where(rows, at, cell, columns, runs)
        yield from _row(rows, at, cell, columns, runs)
        used |= {n for n in runs if columns.get(n, n) in _open(rows.policy, cell)}
        used |= {n for text in cell.where.values() for n in IN_BRACES.findall(text)}
    for name in runs:
        if name not in used:
            kind = "over" if name in over else "each"
            yield _at(f"{place}.{kind}", f"no cell of it has a column {name} open; take it out")


def _columns(
    policy: Policy,
    at: str,
    cell: PolicyCell,
    columns: Columns,
    runs: Mapping[str, list[str] | None],
) -> Iterator[Mistake]:
    """Every column of the table has a value, and only its columns have one."""
    own = set(policy.tables.columns(cell.table))
    for column in sorted(set(cell.where) - own):
        yield _at(
            f"{at}.where.{column}", f"{cell.table} has no column {column}; use one of its columns"
        )
    for name, column in columns.items():
        if name not in runs or column not in own or column in cell.where:
            yield _at(
                f"{at}.columns.{name}",
                f"it is to be a name under each or over, for an open column of {cell.table}; "
                "correct it",
            )
    told = {columns.get(name, name) for name in runs}
    for column in sorted(own - told - set(cell.where)):
        yield _at(f"{at}.where", f"column {column} of {cell.table} is open; say its value in where")


def _where(
    rows: Rows, at: str, cell: PolicyCell, columns: Columns, runs: Mapping[str, list[str] | None]
) -> Iterator[Mistake]:
    """Every value is a category that the table may have a row of."""
    for column, text in cell.where.items():
        named = IN_BRACES.findall(text)
        for name in named:
            if name not in runs:
                yield _at(
                    f"{at}.where.{column}",
                    f"{{{name}}} is under neither each nor over; name it there, or correct it",
                )
                return
        dimension = rows.policy.tables.dimension_of(cell.table, column)
        lists = [runs[name] for name in named]
        if dimension is None or None in lists:
            continue
        for values in product(*(own for own in lists if own is not None)):
            made = text
            for name, value in zip(named, values, strict=True):
                made = made.replace(f"{{{name}}}", value)
            if not rows.has(dimension, made):
                yield _no_row(f"{at}.where.{column}", cell, column, made)
                return
    for name, run in runs.items():
        column = columns.get(name, name)
        dimension = rows.policy.tables.dimension_of(cell.table, column)
        if column in cell.where or dimension is None or run is None:
            continue
        if not any(rows.has(dimension, value) for value in run):
            yield _no_row(f"{at}.where", cell, column, f"any of the values of {name}")


def _row(
    rows: Rows, at: str, cell: PolicyCell, columns: Columns, runs: Mapping[str, list[str] | None]
) -> Iterator[Mistake]:
    """Values that are categories each may be none of the same row: a group of another facet, an
    answer to another question."""
    named = sorted({name for text in cell.where.values() for name in IN_BRACES.findall(text)})
    lists = [runs.get(name) for name in named]
    if None in lists:
        return
    for values in product(*(own for own in lists if own is not None)):
        given = dict(zip(named, values, strict=True))
        row = {column: text.format(**given) for column, text in cell.where.items()}
        for pair in rows.pairs(cell.table):
            if not _some_row(rows, cell, pair, row, columns, {**runs, **_alone(given)}):
                said = ", ".join(f"{row.get(column, 'any of')} in {column}" for column in pair)
                yield _at(
                    f"{at}.where",
                    f"{cell.table} has no row with {said}, so that nothing would follow; correct "
                    "one of them",
                )
                return


def _some_row(
    rows: Rows,
    cell: PolicyCell,
    pair: tuple[str, str],
    row: Mapping[str, str],
    columns: Columns,
    runs: Mapping[str, list[str] | None],
) -> bool:
    """Whether there is a row with the values of two columns, of those that run with any."""
    name_of = {columns.get(name, name): name for name in runs}
    lists = [[row[c]] if c in row else runs.get(name_of.get(c, "")) for c in pair]
    if None in lists:
        return True
    made = (dict(zip(pair, own, strict=True)) for own in product(*(one for one in lists if one)))
    return any(rows.together(cell.table, one) for one in made)


def _alone(given: Mapping[str, str]) -> dict[str, list[str] | None]:
    return {name: [value] for name, value in given.items()}


def _open(policy: Policy, cell: PolicyCell) -> set[str]:
    return set(policy.tables.columns(cell.table)) - set(cell.where)


def _columns_of(cell: PolicyCell) -> Columns:
    return cell.columns if isinstance(cell, LinkCell) else {}


def _values(rows: Rows, name: str, cells: Sequence[tuple[str, PolicyCell]]) -> list[str] | None:
    """The values that a dimension may take in the cells; None where the policy lists not all."""
    values: dict[str, None] = {}
    for _, cell in cells:
        column = _columns_of(cell).get(name, name)
        dimension = rows.policy.tables.dimension_of(cell.table, column)
        if column in cell.where or dimension is None:
            continue
        words = rows.words(dimension)
        if words.shapes:
            return None
        total = rows.policy.tables.dimensions[dimension].total
        values.update(dict.fromkeys(w for w in sorted(words.listed) if total or w != TOTAL))
    return list(values)


def _no_row(place: str, cell: PolicyCell, column: str, value: str) -> Mistake:
    return _at(
        place,
        f"{cell.table} has no row with {value} in {column}, so that nothing would follow; use one "
        "of its categories",
    )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
