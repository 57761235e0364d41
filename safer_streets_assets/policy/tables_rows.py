"""Which rows the tables of a policy may have, as far as the policy itself says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.dimensions import DimensionSpec
from safer_streets_assets.policy.hierarchies import TOTAL
from safer_streets_assets.policy.whole import Policy, PolicyError
from safer_streets_assets.policy.words import Words, words_of

FILE = "tables.yaml"


class Rows:
    """Which rows the tables of a policy may have."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._words: dict[str, Words] = {}

    def words(self, dimension: str) -> Words:
        """What a dimension may print."""
        if dimension not in self._words:
            self._words[dimension] = words_of(self.policy, dimension)
        return self._words[dimension]

    def has(self, dimension: str, category: str) -> bool:
        """Whether there may be a row of this category of a dimension, at any level of its
        hierarchy, Total included."""
        if category == TOTAL:
            return self.policy.tables.dimensions[dimension].total
        hierarchy = self.policy.tables.hierarchies.get(dimension)
        coarse = [level.values or [] for level in hierarchy.levels] if hierarchy else []
        return self.words(dimension).hold(category) or any(category in own for own in coarse)

    def pairs(self, table: str) -> Iterator[tuple[str, str]]:
        """The columns of a table of which the second says which categories the first may have: a
        group and the facet that it is of, an answer and its question."""
        columns = self.policy.tables.columns(table)
        for column, spec in columns.items():
            if spec.facet_of in columns:
                yield spec.facet_of, column
            if spec.labels_within in columns:
                yield column, spec.labels_within

    def together(self, table: str, row: Mapping[str, str]) -> bool:
        """Whether a table may have a row with these categories in its columns, of which each by
        itself is one."""
        columns = self.policy.tables.columns(table)
        for column, within in self.pairs(table):
            if column not in row or within not in row:
                continue
            if columns[within].facet_of == column:
                possible = self._in_facet(columns[within], row[within], row[column])
            elif row[column] == TOTAL:
                continue
            else:
                answers = self.policy.questionnaire.published_answers.get(row[within])
                possible = answers is None or row[column] in answers
            if not possible:
                return False
        return True

    def _in_facet(self, spec: DimensionSpec, facet: str, category: str) -> bool:
        """Whether there may be a row of this category of a facet."""
        if category == TOTAL:
            return (facet == TOTAL) == (spec.everybody == "once")
        of = spec.facets.get(facet)
        return of is not None and self.has(of, category)


def list_mistake(policy: Policy, reference: str, place: str) -> Iterator[Mistake]:
    """What is wrong where a named list of the policy is asked for."""
    try:
        policy.labels_of(reference)
    except PolicyError as error:
        yield Mistake(FILE, place, str(error).partition(": ")[2].removesuffix("."))
