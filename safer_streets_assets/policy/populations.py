"""Typed model of the populations of `tables.yaml`: whom the published tables count."""

from __future__ import annotations

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel


class PopulationSpec(PolicyModel):
    """Whom tables count; `words` are what is shown of them.

    With `stage` they are the people of the linked cohort at that stage or beyond. The rows that a
    table of such a population counts then say whose they are (`person_id`), and it counts nobody
    else. `unit` is what one of their counts is of.
    """

    words: str
    unit: str = Field("people", min_length=1)
    stage: str | None = None
