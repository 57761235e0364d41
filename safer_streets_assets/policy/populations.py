"""Typed model of the populations of `tables.yaml`: whom the published tables count."""

from __future__ import annotations

from safer_streets_assets.policy.base import PolicyModel


class PopulationSpec(PolicyModel):
    """Whom tables count; `words` are what is shown of them.

    With `stage` they are the people of the linked cohort at that stage or beyond. The rows that a
    table of such a population counts then say whose they are (`person_id`), and it counts nobody
    else.
    """

    words: str
    stage: str | None = None
