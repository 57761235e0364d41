"""What the releases print of the statistics of one system of rows, as the attacker reads it.

Rows of a table whose people add up form a system: the rows of its facets and the Total they share.
An attacker who sees any statistic of a row is taken to know the sum, over its people, of whatever
their scores are put into: more than every mean, standard deviation, median, rank sum and
correlation of the row together say, with all their digits. Only a mean's value is taken from print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.prints import (
    Facet,
    Flags,
    Numbers,
    Prints,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import ScoredSpec

Statistic = tuple[str, int, str]
"""A statistic of a row: the table, the place of the row in it, and its name."""
ReleaseRow = tuple[int, int]
"""A release and a row (as places in a `RowSystem`)."""


@dataclass(frozen=True)
class Means:
    """One mean of scores in print: by release and row, as printed and missing (NaN) elsewhere.

    `sd` likewise, of the standard deviation beside it; `least`, `width` the range of a score by
    row; `half` half of the last printed decimal; `change` says that it is of a difference.
    """

    mean: Numbers
    sd: Numbers
    least: Numbers
    width: Numbers
    half: float
    change: bool

    @property
    def shares(self) -> Numbers:
        """The means as shares of the range, from 0 to 1."""
        return np.asarray(np.clip((self.mean - self.least) / self.width, 0.0, 1.0), dtype=float)


@dataclass(frozen=True)
class RowSystem:
    """Rows whose people add up, over releases (the last one is the new one).

    `facets` have the places of the rows, `totals` says which are hidden last (Total rows). `counts`
    (release x row) are NaN where hidden; `known` says where a statistic of scores stands on that
    count. `statistics` are those that do, for each row: table, place of the row in it, name.
    """

    totals: Flags
    facets: tuple[Facet, ...]
    counts: Numbers
    known: Flags
    means: tuple[Means, ...]
    statistics: tuple[tuple[Statistic, ...], ...]

    def newest(self) -> RowSystem:
        """The same with the new release alone."""
        means = tuple(replace(one, mean=one.mean[-1:], sd=one.sd[-1:]) for one in self.means)
        return replace(self, counts=self.counts[-1:], known=self.known[-1:], means=means)


def systems_of(policy: Policy, prints: Prints) -> Iterator[RowSystem]:
    """The systems of a table in which the new release prints a statistic of scores."""
    for facets in prints.systems:
        rows = list(dict.fromkeys(row for facet in facets for row in facet))
        for count in prints.spec.counts:
            own = prints.standing_on(count, facets)
            if not own:
                continue
            known = prints.printed(own)[:, rows]
            if not known[-1].any():
                continue
            within = [{rows.index(row): at for row, at in facet.items()} for facet in facets]
            kept = np.append(known[:-1].any(axis=1), True)
            there = np.ix_(np.flatnonzero(kept), np.array(rows))
            yield RowSystem(
                np.array([any(not f.get(k, {0}) for f in within) for k in range(len(rows))]),
                tuple(within),
                prints.values[count][there],
                known[kept],
                tuple(
                    _means(policy, prints, scored, kept, rows)
                    for scored in prints.spec.scored
                    if scored.mean in own
                ),
                tuple(tuple((prints.name, row, name) for name in own) for row in rows),
            )


def _means(
    policy: Policy, prints: Prints, scored: ScoredSpec, kept: Flags, rows: Sequence[int]
) -> Means:
    decimals = prints.spec.statistics[scored.mean].decimals
    if decimals is None:
        decimals = policy.dpia.thresholds.mean_decimals
    there = np.ix_(np.flatnonzero(kept), np.array(rows))
    mean = prints.values[scored.mean][there]
    ranges = [_range_of(policy, prints, scored, row) for row in rows]
    least, most = (np.array([own[k] for own in ranges], dtype=float) for k in (0, 1))
    if scored.change:
        least, most = least - most, most - least
    return Means(
        mean,
        np.full_like(mean, np.nan) if scored.sd is None else prints.values[scored.sd][there],
        least,
        most - least,
        0.5 * 10.0**-decimals,
        scored.change,
    )


def _range_of(policy: Policy, prints: Prints, scored: ScoredSpec, row: int) -> tuple[int, int]:
    """The range of a score of that row: given, or that of the scale or item that it names."""
    if scored.range is not None:
        return scored.range
    code = str(prints.categories[str(scored.scale)][row]).split(" ", 1)[0]
    questionnaire = policy.questionnaire
    items = {item.id: item.scale for item in questionnaire.items}
    scale = questionnaire.scales.get(items.get(code, code))
    return (0, 1) if scale is None else scale.range
