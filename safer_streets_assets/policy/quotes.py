"""Typed models of what `dpia.yaml` says on quotes: passages in somebody's own words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel, SnakeName


class Consent(PolicyModel):
    """A consent to be quoted that an operator may state: what is printed of it, and the sources
    that it may be of."""

    says: str = Field(min_length=1)
    sources: list[SnakeName] = Field(min_length=1)


class Quotes(PolicyModel):
    """How a passage comes into a release.

    By `two-person` approval somebody else than who proposed it approves its words; by `none` it may
    be the same person. A quote is printed only where at least `least_answers` people answered its
    question, and has at most `most_characters`.
    """

    section: str
    approval: Literal["two-person", "none"]
    least_answers: int = Field(ge=1)
    most_characters: int = Field(ge=20)
    consents: dict[SnakeName, Consent] = Field(min_length=1)

    def consents_of(self, source: str) -> dict[str, Consent]:
        """Code to consent, of those that may be of a source."""
        return {code: own for code, own in self.consents.items() if source in own.sources}
