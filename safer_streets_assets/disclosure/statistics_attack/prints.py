"""A published table as all releases printed it, as numbers in the places of the new one's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.disclosure.core_tables import parts_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import StatisticSpec
from safer_streets_assets.policy.tables import PublishedSpec

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Facet = dict[int, frozenset[tuple[str, str]]]
"""The places of a facet's rows with what parts them: nothing in its Total row."""


@dataclass(frozen=True)
class Prints:
    """A table by release (the last one is the new one) and row of the new one.

    `values` has each count (0 in a row that a release did not list) and each statistic (texts as
    numbers that stand for them), NaN where it is not printed. `systems` are facets that share rows.
    `labels` are the rows as the new frame calls them, `releases` the places of the releases among
    the earlier ones (the new one comes after all of them).
    """

    name: str
    spec: PublishedSpec
    labels: tuple[object, ...]
    releases: tuple[int, ...]
    categories: Mapping[str, Sequence[object]]
    values: Mapping[str, Numbers]
    systems: tuple[tuple[Facet, ...], ...]

    @cached_property
    def places(self) -> Mapping[tuple[str | None, ...], int]:
        """The first row of each combination of categories."""
        every = list(zip(*(map(str, own) for own in self.categories.values()), strict=True))
        return {said: place for place, said in reversed(list(enumerate(every)))}

    def single(self, facets: Sequence[Facet]) -> bool:
        """Whether those facets have no groups, so that what is of a whole facet is of one row."""
        return all(len(facet) == 1 for facet in facets)

    def of_scores(self, facets: Sequence[Facet]) -> dict[str, StatisticSpec]:
        """The statistics that are made of people's scores there, not of printed counts alone."""
        single = self.single(facets)
        return {
            name: details
            for name, details in self.spec.statistics.items()
            if details.of_scores and (single or not (details.whole or details.of_total))
        }

    def standing_on(self, count: str, facets: Sequence[Facet]) -> tuple[str, ...]:
        """The statistics of scores there that stand on a count."""
        of_scores = self.of_scores(facets)
        return tuple(name for name, details in of_scores.items() if count in details.stands_on)

    def printed(self, statistics: Sequence[str]) -> Flags:
        """Where any of these statistics is printed."""
        there = [~np.isnan(self.values[name]) for name in statistics]
        return np.asarray(np.any(there, axis=0), dtype=bool)


def prints_of(
    policy: Policy, name: str, new: pd.DataFrame, earlier: Sequence[Mapping[str, pd.DataFrame]]
) -> Prints | None:
    """A table as it is about to be printed with what earlier releases printed of it, oldest first;
    None when it has no row or no statistic."""
    spec, columns = policy.tables.tables[name], list(policy.tables.columns(name))
    if new.empty or not spec.statistics:
        return None
    needed = {*columns, *spec.counts}
    found = {at: release[name] for at, release in enumerate(earlier) if name in release}
    found = {at: f for at, f in found.items() if not f.empty and needed <= set(f.columns)}
    frames = [*found.values(), new]
    keys = _keys(new, columns)
    there = [_keys(frame, columns) for frame in frames]
    places = [own.get_indexer_for(keys) for own in there]
    # A release that lists rows which the new one lacks has another level: then nothing is empty.
    absent = [(at < 0) & bool(own.isin(keys).all()) for own, at in zip(there, places, strict=True)]
    texts: dict[str, int] = {}
    values = {}
    for column in (*spec.counts, *spec.statistics):
        text = column in spec.statistics and spec.statistics[column].kind == "text"
        read = [_column(frame, column, texts if text else None) for frame in frames]
        values[column] = np.array(
            [np.append(own, np.nan)[at] for own, at in zip(read, places, strict=True)]
        )
        if column in spec.counts:
            values[column][np.array(absent)] = 0.0
    place = {row: at for at, row in enumerate(new.index)}
    facets = [
        {place[row]: frozenset(at) for row, at in part.coords(new).items()}
        for part in parts_of(policy, name, new)
    ]
    categories = {column: new[column].tolist() for column in columns}
    releases = (*found, len(earlier))
    return Prints(name, spec, tuple(new.index), releases, categories, values, _joined(facets))


def _keys(frame: pd.DataFrame, columns: list[str]) -> pd.Index:
    texts = frame[columns].astype(str)
    return pd.Index(list(texts.itertuples(index=False, name=None)), tupleize_cols=False)


def _column(frame: pd.DataFrame, column: str, texts: dict[str, int] | None) -> Numbers:
    if column not in frame:
        return np.full(len(frame), np.nan)
    if texts is not None:
        said = frame[column].tolist()
        codes = [np.nan if pd.isna(t) else texts.setdefault(str(t), len(texts)) for t in said]
        return np.array(codes, dtype=float)
    numbers = pd.to_numeric(frame[column]).astype("Float64")
    return np.asarray(numbers.to_numpy(float, na_value=np.nan), dtype=float)


def _joined(facets: Sequence[Facet]) -> tuple[tuple[Facet, ...], ...]:
    """Facets that share a row, together."""
    groups: list[list[Facet]] = []
    for facet in facets:
        touching = [group for group in groups if any(set(own) & set(facet) for own in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(own for group in touching for own in group), facet])
    return tuple(tuple(group) for group in groups)
