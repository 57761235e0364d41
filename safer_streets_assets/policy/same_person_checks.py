"""Whether what rows are compared by are fields of the sources, of the kind that it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.dpia import Dpia
from safer_streets_assets.policy.same_person import DAY, NAME_PARTS
from safer_streets_assets.policy.sources import FieldKind, Source
from safer_streets_assets.policy.whole import Policy

KINDS: Mapping[str, tuple[FieldKind, ...]] = {
    "text": ("code", "offence_code", "text"),
    "date": ("date",),
}
"""The kinds of field that can be compared in each way."""


def same_person_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with `cohort.same_person` and `cohort.missed_links`."""
    dpia = policy.dpia
    people = dpia.people_source
    known = {field.name for field in dpia.sources[people].fields}
    for name, how in dpia.cohort.same_person.compared.items():
        place = f"cohort.same_person.compared.{name}"
        if name not in known:
            yield _at(place, f"{people} has no field {name}; name one that it has")
        for source in dpia.sources:
            for field in dpia.sources[source].fields:
                if field.name == name and field.kind not in KINDS[how]:
                    yield _at(
                        place,
                        f"{source} has it as {field.kind}, which is not compared as {how}; correct "
                        "one",
                    )
    yield from _missed_links(dpia)


def _missed_links(dpia: Dpia) -> Iterator[Mistake]:
    rules, cases = dpia.cohort.missed_links, dpia.cases_source
    if rules is None:
        return
    if cases is None:
        yield _at(
            "cohort.missed_links", "no source has the role cases; give it to one, or take this out"
        )
        return
    both = {name: dpia.sources[name] for name in (dpia.people_source, cases)}
    for name in sorted(both.keys() ^ rules.day.keys()):
        yield _at(
            "cohort.missed_links.day",
            f"it is of {' and of '.join(both)}; put in or take out {name}",
        )
    for name, field in rules.day.items():
        if name in both and not _has_day(both[name], field):
            yield _at(
                f"cohort.missed_links.day.{name}",
                f"{name} has no field {field} of a date; name one that it has",
            )
    for field in rules.also:
        if field not in {one.name for one in dpia.sources[dpia.people_source].fields}:
            yield _at(
                "cohort.missed_links.also",
                f"{dpia.people_source} has no field {field}; name one that it has",
            )
    known = [*NAME_PARTS, DAY, *dpia.cohort.same_person.compared, *rules.also]
    for field in (one for group in rules.alike for one in group):
        if field not in known:
            yield _at(
                "cohort.missed_links.alike",
                f"{field} is not compared; use some of {', '.join(known)}",
            )


def _has_day(source: Source, field: str) -> bool:
    return field in {one.name for one in source.fields if one.kind in ("date", "timestamp")}


def _at(place: str, what: str) -> Mistake:
    return Mistake("dpia.yaml", place, what)
