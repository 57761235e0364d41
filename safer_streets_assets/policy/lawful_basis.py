"""What the DPIA says of the lawful basis, beside what the code holds to, and where the two differ.

A difference is an open question for the Data Protection Officer until an answer stands in the
policy: with its date, who gave it, and the basis that holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.sources import Source

Article = Literal["6", "9", "10"]
ARTICLES: tuple[Article, ...] = ("6", "9", "10")
_NOTHING = ("n/a", "not applicable")


class DpiaWords(PolicyModel):
    """What the DPIA says of some sources under each Article, in its own words."""

    sources: list[SnakeName] = Field(min_length=1)
    article_6: str
    article_9: str
    article_10: str

    def of(self, article: Article) -> str:
        """Its words under an Article."""
        return {"6": self.article_6, "9": self.article_9, "10": self.article_10}[article]


class BasisAnswer(PolicyModel):
    """An answer to the question which basis holds for some sources under an Article.

    `holds` is that basis as the sources state it; `by` is a role of the policy, never a name.
    """

    sources: list[SnakeName] = Field(min_length=1)
    article: Article
    holds: str
    answered_on: date
    by: str
    why: str


class LawfulBasis(PolicyModel):
    """The words of the DPIA on the lawful basis, where they stand, and what was answered.

    `beside` is what else the DPIA says that bears on a condition under Article 9; `asked` is the
    role that answers.
    """

    section: str
    place: str
    beside: str
    asked: str
    words: list[DpiaWords] = Field(min_length=1)
    answers: list[BasisAnswer]

    def words_of(self, source: str, article: Article) -> str | None:
        """The DPIA's words on a source under an Article; None where it has none."""
        return next((one.of(article) for one in self.words if source in one.sources), None)


@dataclass(frozen=True)
class OpenQuestion:
    """A basis of a source on which the DPIA and the code differ, and nobody has answered."""

    source: str
    article: Article
    dpia: str
    code: str


def basis_of(source: Source, article: Article) -> str:
    """What the code holds to for a source under an Article."""
    return {"6": source.article_6, "9": source.article_9, "10": source.article_10}[article]


def open_questions(rules: LawfulBasis, sources: Mapping[str, Source]) -> list[OpenQuestion]:
    """Where the DPIA and the code differ without an answer, by Article in the order of sources."""
    return [
        OpenQuestion(name, article, said, held)
        for article in ARTICLES
        for name, source in sources.items()
        if (said := rules.words_of(name, article)) is not None
        and not _agree(said, held := basis_of(source, article))
        and not any(name in one.sources and one.article == article for one in rules.answers)
    ]


def open_questions_in_words(rules: LawfulBasis, questions: Sequence[OpenQuestion]) -> list[str]:
    """Open questions as sentences: one for all sources of which the same is said and held."""
    together: dict[tuple[Article, str, str], list[str]] = {}
    for one in questions:
        together.setdefault((one.article, one.dpia, one.code), []).append(one.source)
    return [
        f"Article {article} of {', '.join(sources)}: {rules.place} says {said}, the code holds to "
        f"{held}" + (f"; {rules.beside}" if article == "9" else "")
        for (article, said, held), sources in together.items()
    ]


def mistakes(rules: LawfulBasis, sources: Mapping[str, Source], roles: list[str]) -> Iterator[str]:
    """What is wrong with the words and answers, as sentences."""
    twice = [name for one in rules.words for name in one.sources]
    for name in (*twice, *(name for one in rules.answers for name in one.sources)):
        if name not in sources:
            yield f"lawful_basis: {name} is not under sources; correct it"
    for name in sorted({name for name in twice if twice.count(name) > 1}):
        yield f"lawful_basis.words: {name} stands in two of them; leave it in one"
    for role in (rules.asked, *(answer.by for answer in rules.answers)):
        if role not in roles:
            yield f"lawful_basis: {role} is not under retention.roles; give one of them"
    for answer in rules.answers:
        for name in answer.sources:
            held = basis_of(sources[name], answer.article) if name in sources else answer.holds
            if held != answer.holds:
                yield (
                    f"lawful_basis.answers: the answer says that {answer.holds} holds under "
                    f"Article {answer.article}, and source {name} states {held}; make them the same"
                )


def _agree(said: str, held: str) -> bool:
    """Whether the code's statement has the DPIA's words in it, or both say that nothing applies."""
    said, held = said.casefold(), held.casefold()
    return said in held or (said in _NOTHING and held in _NOTHING)
