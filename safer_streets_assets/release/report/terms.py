"""Words of the evaluation that its readers may not know, as docs/glossary.md explains them."""

from __future__ import annotations

import re

WORDS = "Words used here"
TERMS = {
    "CRC": "Community Rehabilitation Company: the provider that delivers the programme and sends "
    "its spreadsheet.",
    "CRN": "Case Reference Number: one letter and six digits that identify one data subject in "
    "probation.",
    "Disposal": "What a court decided in a case, on the day of the sentence.",
    "Linked cohort": "One row for each data subject whom NPS sent, with what the other sources say "
    "of them.",
    "NPS": "National Probation Service: the source that says who is a data subject of the cohort.",
    "RAR": "Rehabilitation Activity Requirement: the part of a community sentence under which "
    "somebody attends the programme.",
}
"""Term to its meaning."""


def terms_in(text: str) -> list[str]:
    """The terms that a text uses, each with its meaning."""
    return [
        f"{term}: {meaning}"
        for term, meaning in TERMS.items()
        if re.search(rf"\b{term}\b", text, 0 if term.isupper() else re.IGNORECASE)
    ]
