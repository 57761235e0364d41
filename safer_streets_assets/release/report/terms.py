"""Words of the evaluation that its readers may not know, and what they mean."""

from __future__ import annotations

import re

from safer_streets_assets.policy import Policy

WORDS = "Words used here"


def terms_in(policy: Policy, text: str) -> list[str]:
    """The terms of the policy that a text uses, each with its meaning."""
    return [
        f"{term}: {meaning}"
        for term, meaning in policy.tables.report.terms.items()
        if re.search(rf"\b{re.escape(term)}\b", text, 0 if term.isupper() else re.IGNORECASE)
    ]
