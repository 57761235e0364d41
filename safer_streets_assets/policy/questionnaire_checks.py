"""Whether `questionnaire.yaml` hangs together and its answers are published where it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.questionnaire import (
    MISSING_KINDS,
    ItemSpec,
    Questionnaire,
    StageQuestion,
    kind_of_missing,
)
from safer_streets_assets.policy.whole import Policy

FILE = "questionnaire.yaml"


def questionnaire_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with the items, when they are asked, and where answers are published."""
    asked = policy.questionnaire
    yield from _scales(asked)
    for item in asked.items:
        yield from _item(asked, item)
    yield from _names(asked)
    yield from _likert(asked)
    yield from _missing(asked)
    yield from _sessions(policy)
    for question in asked.stage_specific:
        if question.table is not None:
            yield from _published(policy, question, question.table)
    if not asked.primary_scales:
        yield _at("scales", "no scale is primary, so that no change is tested; make one primary")


def _scales(asked: Questionnaire) -> Iterator[Mistake]:
    for name, scale in asked.scales.items():
        count = sum(item.scale == name for item in asked.items)
        if count != scale.items:
            yield _at(
                f"scales.{name}.items",
                f"scale {name} says {scale.items} items and has {count}; correct it",
            )


def _item(asked: Questionnaire, item: ItemSpec) -> Iterator[Mistake]:
    place = f"items.{item.id}"
    scale = asked.scales.get(item.scale)
    if scale is None:
        yield _at(
            f"{place}.scale",
            f"item {item.id} is of scale {item.scale}, which is not under scales; add or correct "
            "it",
        )
    elif scale.score == "mean" and (item.key is None or item.better or item.name):
        yield _at(place, "an item of a mean has a key, and neither better nor a name; correct it")
    elif scale.score != "mean" and (item.better is None or item.key is not None):
        yield _at(place, "a single item says which is better, and has no key; correct it")


def _missing(asked: Questionnaire) -> Iterator[Mistake]:
    """Missing codes are one of each kind of missing, and none is an answer."""
    ranges = [one.range for one in asked.stage_specific if one.range is not None]
    ranges += [one.range for one in asked.scales.values() if one.missing_codes is None]
    lists = [("missing_codes", asked.missing_codes, ranges)]
    for name, scale in asked.scales.items():
        if scale.missing_codes is not None:
            lists.append((f"scales.{name}.missing_codes", scale.missing_codes, [scale.range]))
    for place, codes, own in lists:
        kinds = [kind_of_missing(label) for label in codes.values()]
        if sorted(map(str, kinds)) != sorted(MISSING_KINDS.values()):
            starts = ", ".join(MISSING_KINDS)
            yield _at(
                place,
                f"there is one code for each kind of missing, whose labels begin {starts}; give "
                "each one code",
            )
        for code in codes:
            if any(low <= int(code) <= high for low, high in own):
                yield _at(
                    f"{place}.{code}", "it is an answer, too; use a number outside the ranges"
                )


def _likert(asked: Questionnaire) -> Iterator[Mistake]:
    """The labels of agreement are those of every answer to the questions that have them."""
    labelled = list(asked.value_labels_likert)
    for question in asked.stage_specific:
        if question.kind == "likert" and question.answers != labelled:
            yield _at(
                f"stage_specific.{question.id}.range",
                f"value_labels_likert has labels of {', '.join(labelled)}; make them the same, or "
                "the question a scale with labels of its own",
            )


def _names(asked: Questionnaire) -> Iterator[Mistake]:
    columns = [item.id for item in asked.items]
    for question in asked.stage_specific:
        columns += list(question.options) or [question.id]
    for name, times in Counter(column.lower() for column in columns).items():
        if times > 1:
            yield _at(
                "items",
                f"two items, questions or options have the name {name.upper()}; give each its own",
            )


def _sessions(policy: Policy) -> Iterator[Mistake]:
    """The stages are asked at the sessions that the cohort's stages are counted by."""
    cohort, stages = policy.dpia.cohort, policy.questionnaire.stages
    for stage, session, means in (
        ("start", 1, "the first"),
        ("mid", cohort.midpoint_sessions, "cohort.midpoint_sessions of dpia.yaml"),
        ("end", cohort.programme_sessions, "cohort.programme_sessions of dpia.yaml"),
    ):
        found = {str(name): spec for name, spec in stages.items()}.get(stage)
        if found is None and stage == "mid":
            continue
        if found is None:
            yield _at("stages", f"there is no stage {stage}, which is scored; put it back")
        elif found.session != session:
            yield _at(
                f"stages.{stage}.session",
                f"it is asked at session {session}, {means}; make them the same",
            )


def _published(policy: Policy, question: StageQuestion, table: str) -> Iterator[Mistake]:
    """The answers are counted by the table that the question names, and no other's are."""
    place = f"stage_specific.{question.id}.table"
    named = table if question.options else f"{table}_questions"
    spec = policy.tables.tables.get(table)
    if spec is None:
        yield _at(place, f"{table} is not a table of tables.yaml; use one that is")
        return
    known = policy.tables.dimensions
    if named not in [known[d].values for d in spec.dimensions if d in known]:
        yield _at(
            place,
            f"no dimension of the table {table} has the values {named}, so that nobody publishes "
            "this question; correct one of them",
        )
    same = [one for one in policy.questionnaire.stage_specific if one.table == table]
    if question.options and same[0] is not question:
        yield _at(
            place,
            f"{table} has the options of {same[0].id} already, and these would stand under it; "
            "name another table",
        )
    if not question.options and any(one.options for one in same):
        yield _at(place, f"{table} is of a question with options; name another table")


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
