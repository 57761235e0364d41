"""Which rule of the policy governs which kind of holding, and what its sources say in law."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from safer_streets_assets.policy import Policy, RetentionRule, Source
from safer_streets_assets.policy.lawful_basis import Article, open_questions_in_words
from safer_streets_assets.policy.retention import (
    BUNDLES,
    CONCLUSION,
    LANDING,
    ON_REQUEST,
    OUTPUTS,
    QUARANTINE,
    RUN_HISTORY,
    STAGE_STOPPED,
)
from safer_streets_assets.retention.errors import RetentionError

__all__ = [
    "BUNDLES",
    "CONCLUSION",
    "LANDING",
    "NOT_APPLICABLE",
    "ON_REQUEST",
    "OUTPUTS",
    "QUARANTINE",
    "RUN_HISTORY",
    "STAGE_STOPPED",
    "LegalFacts",
    "facts_of_sources",
    "facts_without_personal_data",
    "personal_rule",
    "rule_of",
]

NOT_APPLICABLE = "N/A"
_CLASSIFICATIONS = ("OFFICIAL", "OFFICIAL-SENSITIVE")


@dataclass(frozen=True)
class LegalFacts:
    """What a holding is in law: where several sources meet, the strictest or all that apply.

    `dpia_6`, `dpia_9` and `dpia_10` are the DPIA's own words beside what the code holds to, and
    `open_question` is where the two differ and nobody has answered.
    """

    source: str
    controller: str
    classification: str
    article_6: str
    article_9: str
    article_10: str
    special_category: bool
    processor: str = NOT_APPLICABLE
    dpia_6: str = NOT_APPLICABLE
    dpia_9: str = NOT_APPLICABLE
    dpia_10: str = NOT_APPLICABLE
    open_question: str = ""


def rule_of(policy: Policy, name: str) -> RetentionRule:
    """A rule of the policy by name.

    Raises:
        RetentionError: the policy has no rule of that name.
    """
    rule = policy.dpia.retention.rules.get(name)
    if rule is None:
        raise RetentionError(
            f"dpia.yaml, retention.rules: there is no rule {name}; add it with trigger and period."
        )
    return rule


def personal_rule(policy: Policy) -> str:
    """The name of the rule under which personal data is erased.

    The sources share stores and people, which are erased as a whole: one rule governs them all.

    Raises:
        RetentionError: agreed sources name different rules, or one not set off by publication.
    """
    names = {source.retention for source in policy.sources.values()}
    if len(names) != 1:
        raise RetentionError(
            "dpia.yaml, sources: the agreed sources name different retention rules; name the same "
            "one in all of them, because their rows are erased together."
        )
    name = names.pop()
    if rule_of(policy, name).trigger != "publication":
        raise RetentionError(
            f"dpia.yaml, retention.rules.{name}: its trigger is not publication; correct it."
        )
    return name


def facts_of_sources(policy: Policy, names: Collection[str]) -> LegalFacts:
    """The legal facts of a holding with data of these sources, in the order of the policy.

    A source that the policy does not know (a file in a folder nobody agreed) counts as the most
    sensitive there is, without a legal basis to hold it.
    """
    known = {name: s for name, s in policy.dpia.sources.items() if name in names}
    if not known:
        return LegalFacts(
            source="unknown",
            controller="not known",
            classification=_CLASSIFICATIONS[-1],
            article_6=NOT_APPLICABLE,
            article_9=NOT_APPLICABLE,
            article_10=NOT_APPLICABLE,
            special_category=True,
        )
    sources = list(known.values())
    article_9 = _joined(source.article_9 for source in sources)
    return LegalFacts(
        source=_joined(known),
        controller=_joined(source.controller for source in sources),
        classification=max(
            (source.classification for source in sources), key=_CLASSIFICATIONS.index
        ),
        article_6=_joined(source.article_6 for source in sources),
        article_9=article_9,
        article_10=_joined(source.article_10 for source in sources),
        special_category=article_9 != NOT_APPLICABLE or any(map(_has_special_category, sources)),
        processor=_joined(source.processor or NOT_APPLICABLE for source in sources),
        dpia_6=_dpia_says(policy, known, "6"),
        dpia_9=_dpia_says(policy, known, "9"),
        dpia_10=_dpia_says(policy, known, "10"),
        open_question=". ".join(
            open_questions_in_words(
                policy.dpia.lawful_basis,
                [one for one in policy.dpia.open_questions if one.source in known],
            )
        ),
    )


def _dpia_says(policy: Policy, names: Collection[str], article: Article) -> str:
    """The DPIA's words on sources under an Article, each once."""
    words = (policy.dpia.lawful_basis.words_of(name, article) for name in names)
    return "; ".join(dict.fromkeys(word for word in words if word)) or NOT_APPLICABLE


def facts_without_personal_data(policy: Policy) -> LegalFacts:
    """The legal facts of releases, registers and run history."""
    return LegalFacts(
        source=NOT_APPLICABLE,
        controller=policy.dpia.evaluation.data_controller,
        classification=_CLASSIFICATIONS[0],
        article_6=NOT_APPLICABLE,
        article_9=NOT_APPLICABLE,
        article_10=NOT_APPLICABLE,
        special_category=False,
    )


def _has_special_category(source: Source) -> bool:
    return any(field.field_class == "special category" for field in source.fields)


def _joined(texts: Iterable[str]) -> str:
    found = [text for text in dict.fromkeys(texts) if text != NOT_APPLICABLE]
    return "; ".join(found) or NOT_APPLICABLE
