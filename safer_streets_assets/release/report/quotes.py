"""What people wrote in their own words: the approved quotes of a release, by question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.release.report.blocks import (
    Block,
    Heading,
    Passages,
    ReportSection,
    Text,
)


def quote_sections(policy: Policy, quotes: Sequence[PrintedQuote]) -> list[ReportSection]:
    """The section of quotes; none where a release prints none."""
    if not quotes:
        return []
    blocks: list[Block] = [
        Text(
            "Passages that people wrote, chosen by hand: they show what was said, and not how many "
            "think so. In place of names and numbers stands what they were, as [NAME]. Nothing "
            "else is told of who wrote them. Only questions that "
            f"{policy.dpia.quotes.least_answers} people or more answered are quoted from."
        )
    ]
    for (title, asked), of_question in groupby(quotes, lambda one: (one.source_title, one.asked)):
        blocks.append(Heading(f"{title}: {asked}"))
        for consent, alike in groupby(
            sorted(of_question, key=lambda one: one.consent_says), lambda one: one.consent_says
        ):
            blocks.append(Passages(tuple(one.words for one in alike), f"Consent: {consent}"))
    return [ReportSection("quotes", "In their own words", tuple(blocks))]
