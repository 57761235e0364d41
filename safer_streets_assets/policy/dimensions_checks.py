"""Whether each dimension of `tables.yaml` says what may be printed, from lists that are there."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.dimensions import DimensionSpec
from safer_streets_assets.policy.tables_rows import FILE, list_mistake
from safer_streets_assets.policy.whole import Policy, PolicyError
from safer_streets_assets.policy.words import words_of


def dimensions_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with the dimensions, on which everything else that is said of tables rests."""
    for name, dimension in policy.tables.dimensions.items():
        yield from _dimension(policy, name, dimension)


def _dimension(policy: Policy, name: str, spec: DimensionSpec) -> Iterator[Mistake]:
    place, dimensions = f"dimensions.{name}", policy.tables.dimensions
    if spec.labels_within is not None:
        try:
            policy.labels_within(spec.labels_within)
        except PolicyError as error:
            yield _at(f"{place}.labels_within", str(error).partition(": ")[2].removesuffix("."))
    for reference in (spec.values, spec.labels, *spec.words):
        if isinstance(reference, str) and (reference, spec.values) != ("data", "data"):
            yield from list_mistake(policy, reference, place)
    yield from _facets(policy, name, spec)
    for other in spec.like:
        if other not in dimensions or other == name:
            yield _at(f"{place}.like", f"{other} is not another dimension; add or correct it")
    if spec.other_label is not None and spec.labels is None:
        yield _at(f"{place}.other_label", "it stands beside no labels; add labels, or take it out")
    hierarchy = policy.tables.hierarchies.get(name)
    listed = spec.values != "data" or (hierarchy and hierarchy.levels[0].groups)
    if not listed and not any((spec.words, spec.also, spec.like, spec.shape)):
        yield _at(
            place,
            f"dimension {name} takes its categories from the data and does not say which may be "
            "printed; give it words, like, shape or also",
        )


def _facets(policy: Policy, name: str, spec: DimensionSpec) -> Iterator[Mistake]:
    """Each facet is one of a dimension that there is."""
    place = f"dimensions.{name}"
    if spec.facets and spec.facet_of is None:
        yield _at(place, f"dimension {name} has facets, but says not of what; add facet_of")
    for facet, of in spec.facets.items():
        if of not in policy.tables.dimensions:
            yield _at(
                f"{place}.facets.{facet}",
                f"it has facets that are of no dimension: {of}; add or correct it",
            )
        if not words_of(policy, name).hold(facet):
            yield _at(f"{place}.facets.{facet}", f"{facet} is no category of {name}; correct it")
    for category in spec.also if spec.facet_of is not None else []:
        if category not in spec.facets:
            yield _at(
                f"{place}.also",
                f"nothing says which categories {category} has; name its dimension under facets",
            )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
