"""Facts that printed statistics tell of counts: whole-number inequalities over cells of a release.

A printed figure with its decimals stands for all values that round to it, half either way. Each
fact is written with whole coefficients only, so that it holds or fails exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import gcd

from safer_streets_assets.disclosure.core.tables.problems import TableError
from safer_streets_assets.disclosure.core.tables.spec import CellRef


@dataclass(frozen=True)
class Unknown:
    """A whole number of zero or more that no table prints and that counts no people (a sum of
    scores); within a release the same name is the same number."""

    name: str


@dataclass(frozen=True)
class Fact:
    """`low <= sum of coefficient x cell <= high`; None is no limit."""

    terms: tuple[tuple[int, CellRef | Unknown], ...]
    low: int | None = None
    high: int | None = None


def at_least_one(cell: CellRef) -> Fact:
    """That somebody is in a cell (a category is listed only where somebody is in it)."""
    return Fact(((1, cell),), low=1)


def percentage_fact(
    part: Sequence[CellRef], whole: Sequence[CellRef], printed: str | float, decimals: int
) -> list[Fact]:
    """What a printed percentage 100 x part / whole says; both are sums of cells.

    Formula: with p printed to d decimals and P = 10^d p,
    (2P - 1) whole <= 2 x 10^d x 100 part <= (2P + 1) whole, and somebody is in the whole.

    Raises:
        TableError: `printed` is no number of that many decimals, or is negative.
    """
    scaled, unit = _scaled(printed, decimals)
    if scaled < 0:
        raise TableError("Give a percentage of zero or more.")
    return [
        _ratio(200 * unit, part, -(2 * scaled - 1), whole, low=0),
        _ratio(200 * unit, part, -(2 * scaled + 1), whole, high=0),
        Fact(tuple((1, cell) for cell in whole), low=1),
    ]


def mean_fact(
    base: Sequence[CellRef | Unknown],
    printed: str | float,
    decimals: int,
    scores: tuple[int, int],
    name: str,
) -> list[Fact]:
    """What the printed mean of whole-number scores from least to greatest (`scores`) says of how
    many people (`base`, a sum of cells) it is of: that they have a whole sum of scores.

    `name` names the unknown: the sum of what each score is above the least one. Formula: with m
    printed to d decimals, M = 10^d (m - least) and S that sum, 0 <= S <= (greatest - least) base
    and (2M - 1) base <= 2 x 10^d S <= (2M + 1) base, and somebody is in the base.

    Raises:
        TableError: `printed` is no number of that many decimals, or the scores are no range.
    """
    least, greatest = scores
    if least > greatest:
        raise TableError("Give the least score before the greatest.")
    scaled, unit = _scaled(printed, decimals)
    above = scaled - unit * least
    total = [Unknown(name)]
    return [
        _ratio(2 * unit, total, -(2 * above - 1), base, low=0),
        _ratio(2 * unit, total, -(2 * above + 1), base, high=0),
        _ratio(1, total, -(greatest - least), base, high=0),
        Fact(tuple((1, cell) for cell in base), low=1),
    ]


def _scaled(printed: str | float, decimals: int) -> tuple[int, int]:
    """A printed figure as a whole number of its last decimal, and how many of these make 1."""
    try:
        number = Decimal(str(printed)).scaleb(decimals)
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise TableError("Give a printed statistic as a number.") from None
    if number != whole:
        raise TableError("Give a printed statistic with the decimals it is printed with.")
    return whole, 10**decimals


def _ratio(
    times: int,
    upper: Sequence[CellRef | Unknown],
    against: int,
    lower: Sequence[CellRef | Unknown],
    low: int | None = None,
    high: int | None = None,
) -> Fact:
    """times x upper + against x lower, in the least whole numbers: its limits are 0 or none."""
    common = gcd(times, against)
    terms = [(times // common, term) for term in upper]
    terms += [(against // common, term) for term in lower]
    return Fact(tuple(terms), low, high)
