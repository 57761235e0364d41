"""Whether the headline figures of `tables.yaml` are rows that its tables may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.tables_rows import FILE, Rows, list_mistake
from safer_streets_assets.policy.whole import Policy


def importance_mistakes(policy: Policy) -> Iterator[Mistake]:
    """Headline figures that are no rows of their table, and tables of detail that are none."""
    possible = Rows(policy)
    named = {rows.table for rows in policy.tables.importance.headline}
    for number, name in enumerate(policy.tables.importance.details):
        place = f"importance.details.{number}"
        if name not in policy.tables.tables:
            yield _at(place, f"table {name} is not under tables; add or correct it")
        if name in named:
            yield _at(place, f"table {name} has headline figures; take it out of one of the lists")
    for number, rows in enumerate(policy.tables.importance.headline):
        place = f"importance.headline.{number}"
        if rows.table not in policy.tables.tables:
            yield _at(
                f"{place}.table", f"table {rows.table} is not under tables; add or correct it"
            )
            continue
        for listed in rows.over.values():
            yield from list_mistake(policy, listed, f"{place}.over")
        over = {c: [*policy.labels_of(listed)] for c, listed in rows.over.items()}
        wanted: Mapping[str, list[str]] = over | {c: [value] for c, value in rows.where.items()}
        for column, values in wanted.items():
            dimension = policy.tables.dimension_of(rows.table, column)
            if dimension is None:
                yield _at(
                    place, f"table {rows.table} has no column {column}; use one of its columns"
                )
                continue
            for value in values:
                if not possible.has(dimension, value):
                    yield _at(
                        place,
                        f"table {rows.table} has no row with {value} in {column}; use one of its "
                        "categories",
                    )
        for own in product(*wanted.values()):
            row = dict(zip(wanted, own, strict=True))
            if not possible.together(rows.table, row):
                said = ", ".join(f"{value} in {column}" for column, value in row.items())
                yield _at(place, f"table {rows.table} has no row with {said}; correct one of them")


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
