"""The policy is one source of truth: its values stand nowhere else in the code."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

import safer_streets_assets
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy

PACKAGE = Path(safer_streets_assets.__file__).parent
CODE = sorted(
    path
    for pattern in ("*.py", "*.sql")
    for path in PACKAGE.rglob(pattern)
    if path.relative_to(PACKAGE).parts[0] not in ("demo", "policy")
)


def policy_values(policy: Policy) -> list[str]:
    """Values that could only have come from the policy."""
    dpia = policy.dpia
    lists = dpia.code_lists
    return [
        *dpia.opening_dates,
        *(opens.isoformat() for opens in set(dpia.opening_dates.values())),
        *dpia.eligibility.offence_codes,
        *dpia.eligibility.offence_codes.values(),
        *(text for text in lists["reason_not_assigned"].values() if " " in text),
        *(text for text in lists["reason_one_to_one"].values() if " " in text),
        *(item.text for item in policy.questionnaire.items),
    ]


@functools.cache
def any_value() -> re.Pattern[str]:
    """Any of the values, as words of their own."""
    values = "|".join(re.escape(value.lower()) for value in policy_values(shipped_policy()))
    return re.compile(rf"(?<!\w)(?:{values})(?!\w)")


def test_the_code_is_found() -> None:
    assert len(CODE) > 50


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_value_of_the_policy_is_repeated_in_code(path: Path) -> None:
    assert any_value().findall(path.read_text(encoding="utf-8").lower()) == []
