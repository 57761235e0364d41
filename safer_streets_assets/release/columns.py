"""The columns of a published table: their types, descriptions and categories, from the policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
from pandas.api import types

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.core_tables import HELD, as_of_column, holds_back
from safer_streets_assets.disclosure.demands import NOT_APPLICABLE, NOT_AVAILABLE, SUPPRESSED
from safer_streets_assets.policy import DimensionSpec, Policy
from safer_streets_assets.policy.dpia import Thresholds
from safer_streets_assets.policy.figures import share_columns

Role = Literal[
    "dimension", "label", "count", "as of", "constant", "statistic", "share", "marker", "remark"
]

CONSTANT_TYPES = {"boolean": "BOOLEAN", "integer": "BIGINT", "floating": "DOUBLE"}

MARKERS = {
    SUPPRESSED: "suppressed for confidentiality",
    NOT_AVAILABLE: "not available",
    NOT_APPLICABLE: "not applicable",
}
MARKER_VALUES = "; ".join(f"{marker} = {meaning}" for marker, meaning in MARKERS.items())


@dataclass(frozen=True)
class Column:
    """A column: its DuckDB type, what it means, its categories in words, and their labels.

    `labels` is empty when the categories speak for themselves. A category that has none among them
    is labelled `other_label`, with the category in place of {code}, or as itself. `labels_within`
    are the labels in the rows with a value of the column `within`. `unit` is what a count is of.
    """

    name: str
    role: Role
    type: str
    description: str
    values: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    other_label: str | None = None
    within: str | None = None
    labels_within: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unit: str | None = None

    @property
    def label_column(self) -> Column | None:
        """The column that stands after this one with the labels; None when it has none."""
        if not self.labels and not self.labels_within:
            return None
        return Column(f"{self.name}_label", "label", "VARCHAR", f"Label of {self.name}")

    def label(self, category: str, row: Mapping[str, object]) -> str:
        """What a category is called in a row (by column name)."""
        labels = self.labels_within.get(str(row.get(self.within or "")), self.labels)
        if category == TOTAL or self.other_label is None:
            return labels.get(category, category)
        return labels.get(category, self.other_label.replace("{code}", category))

    def called(self, category: str, row: Mapping[str, object]) -> str:
        """A category as people see it: its label, with a code in capitals (OFF), by which notes
        call it, or with one that another category shares the label with."""
        label = self.label(category, row)
        labels = self.labels_within.get(str(row.get(self.within or "")), self.labels)
        shared = sum(one == label for one in labels.values()) > 1
        if label != category and (shared or category.isupper()):
            return f"{label} ({category})"
        return label


def marker_of(name: str) -> str:
    """The name of the marker column of a count or statistic."""
    return f"{name}_marker"


def columns_of(policy: Policy, table: str, frame: pd.DataFrame) -> tuple[Column, ...]:
    """The columns a published table has, in order.

    `frame` is asked for the types of constants only, which the policy does not state.
    """
    return tuple(_columns(policy, table, frame))


def _columns(policy: Policy, table: str, frame: pd.DataFrame) -> Iterator[Column]:
    spec = policy.tables.tables[table]
    for name, dimension in policy.tables.columns(table).items():
        yield _dimension(policy, name, dimension)
    for name, count in spec.counts.items():
        unit = policy.tables.unit_of(table)
        yield Column(name, "count", "BIGINT", count.title, unit=unit)
        yield _marker(name, count.title, held=policy if holds_back(policy) else None)
        if holds_back(policy):
            yield _as_of(name, policy.dpia.thresholds)
    for name, title in spec.constants.items():
        yield Column(name, "constant", _constant_type(frame, name), title)
    for name, statistic in spec.statistics.items():
        kind = "VARCHAR" if statistic.kind == "text" else "DOUBLE"
        yield Column(name, "statistic", kind, statistic.title)
        yield _marker(name, statistic.title)
    for name, share in spec.shares.items():
        yield Column(name, "share", "DOUBLE", f"{share.title}, in percent")
        for end, word in zip(share_columns(name)[1:], ("lower", "upper"), strict=True):
            yield Column(end, "share", "DOUBLE", f"95 % interval of {name}, {word} (Wilson 1927)")
        yield _marker(name, share.title)


def _marker(name: str, title: str, held: Policy | None = None) -> Column:
    description, values = f"Why {name} is not printed ({title}); empty where it is", MARKER_VALUES
    if held is not None:
        description = f"Why {name} is not printed ({title}), or that it may not be of today"
        values = f"{values}; {HELD} = {held_means(held)}"
    return Column(marker_of(name), "marker", "VARCHAR", description, values)


def held_means(policy: Policy) -> str:
    """What the marker of a count that may be held back says."""
    return (
        "as an earlier release printed it: today it is the same, or differs by fewer than "
        f"{policy.dpia.thresholds.minimum_count}"
    )


def _as_of(name: str, thresholds: Thresholds) -> Column:
    description = (
        f"Number of the release that first printed {name} as it stands; a count that has moved by "
        f"fewer than {thresholds.minimum_count} since, or whose news would not add up with other "
        "tables, is printed as it was"
    )
    return Column(as_of_column(name), "as of", "BIGINT", description)


def _dimension(policy: Policy, name: str, spec: DimensionSpec) -> Column:
    labels = _labels(policy, spec)
    listed = policy.values_of(spec.values)
    texts = [f"{code} = {label}" for code, label in labels.items()] or list(listed or [])
    if listed is None and spec.words:
        texts += [word for name in spec.words for word in policy.labels_of(name)]
        texts.append("those of them that occur")
    elif listed is None:
        texts.append("others that occur" if texts else "those that occur")
    if spec.total:
        texts.append(f"{TOTAL} = all of them together")
    within = policy.labels_within(spec.labels_within) if spec.labels_within else {}
    for value, own in within.items():
        said = ", ".join(f"{code} = {label}" for code, label in own.items())
        texts.append(f"where {spec.labels_within} is {value}: {said}")
    return Column(
        name,
        "dimension",
        "VARCHAR",
        spec.title,
        "; ".join(texts),
        labels,
        spec.other_label,
        spec.labels_within,
        within,
    )


def _labels(policy: Policy, spec: DimensionSpec) -> dict[str, str]:
    reference = spec.labels or spec.values
    if isinstance(reference, list) or reference == "data":
        return {}
    listed = policy.values_of(spec.values)
    labels = {
        code: label
        for code, label in policy.labels_of(reference).items()
        if listed is None or code in listed
    }
    return labels if any(code != label for code, label in labels.items()) else {}


def _constant_type(frame: pd.DataFrame, name: str) -> str:
    """The type of what stands in the column; text when nothing does."""
    values = frame[name].dropna() if name in frame else pd.Series(dtype="string")
    return CONSTANT_TYPES.get(types.infer_dtype(values), "VARCHAR") if len(values) else "VARCHAR"
