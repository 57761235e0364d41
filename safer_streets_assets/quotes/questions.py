"""What was asked where somebody wrote a text, in words for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from safer_streets_assets.policy import Policy


@dataclass(frozen=True)
class AskedQuestion:
    """A field of free text: its source and field as the policy names them, and in words."""

    source: str
    field: str
    source_title: str
    asked: str


def question_of(policy: Policy, source: str, field: str) -> AskedQuestion | None:
    """The question of a field; None when it is no agreed field of free text."""
    agreed = policy.sources.get(source)
    known = {one.name: one for one in agreed.free_texts} if agreed is not None else {}
    if agreed is None or field not in known:
        return None
    asked = {one.id.lower(): one.text for one in policy.questionnaire.stage_specific}
    said = asked.get(field) if agreed.questionnaire else None
    return AskedQuestion(source, field, agreed.title, said or known[field].headers[0])


def questions(policy: Policy) -> list[AskedQuestion]:
    """Every field of free text that is agreed, in the order of the policy."""
    found = (
        question_of(policy, name, field.name)
        for name, source in policy.sources.items()
        for field in source.free_texts
    )
    return [question for question in found if question is not None]
