"""Whether what `dpia.yaml` says on quotes fits the sources and the thresholds."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.whole import Policy

FILE = "dpia.yaml"


def quotes_mistakes(policy: Policy) -> Iterator[Mistake]:
    """Consents of sources that are not there, and too small a base under a quote."""
    quotes, least = policy.dpia.quotes, policy.dpia.thresholds.minimum_count
    if quotes.least_answers < least:
        yield Mistake(
            FILE,
            "quotes.least_answers",
            f"a quote tells that so many answered, and minimum_count is {least}; give that or more",
        )
    for name, consent in quotes.consents.items():
        for source in consent.sources:
            if source not in policy.dpia.sources:
                yield Mistake(
                    FILE,
                    f"quotes.consents.{name}.sources",
                    f"{source} is not under sources; correct it or take it out",
                )
