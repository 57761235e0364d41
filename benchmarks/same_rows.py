"""Whether two engines gave the same rows, in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

DIGITS = 12
"""Significant digits to which a broken number is compared: engines add up in different orders."""


@dataclass(frozen=True)
class Rows:
    """What a query gave: names of its columns, and its rows with a value for each."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Difference:
    """How two results differ; a row that one has more often than the other counts each time."""

    same_columns: bool
    only_first: int
    only_second: int

    @property
    def equal(self) -> bool:
        """Whether they are the same."""
        return self.same_columns and not self.only_first and not self.only_second


def difference(first: Rows, second: Rows) -> Difference:
    """Sets two results side by side, row by row and each as often as it stands there."""
    one, other = (Counter(map(_normal_row, result.rows)) for result in (first, second))
    return Difference(first.columns == second.columns, (one - other).total(), (other - one).total())


def _normal_row(row: Sequence[Any]) -> Hashable:
    return tuple(map(normal, row))


def normal(value: Any) -> Hashable:
    """A value with its kind, the same for both engines. A number is one whatever its type and
    width; a truth value is not the number 1, a day not the midnight of it, and text no number."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "truth", value
    if isinstance(value, (int, float, Decimal)):
        return "number", _normal_number(value)
    if isinstance(value, datetime):
        aware = value.astimezone(UTC) if value.tzinfo is not None else value
        return "moment", aware.replace(tzinfo=None)
    if isinstance(value, date):
        return "day", value
    if isinstance(value, (list, tuple)):
        return "list", _normal_row(value)
    return type(value).__name__, value if isinstance(value, str) else repr(value)


def _normal_number(value: float | Decimal) -> Hashable:
    """A whole number exactly; of others `DIGITS` digits, and NaN equal to itself."""
    if not isfinite(value):
        return str(float(value))
    return int(value) if value == int(value) else f"{value:.{DIGITS}g}"
