"""The shipped policy with one mistake in it, and what is said of that."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from safer_streets_assets.policy import PolicyError, load_policy

SHIPPED = Path(str(resources.files("safer_streets_assets.policy")))
NAMES = ("dpia.yaml", "places.yaml", "questionnaire.yaml", "tables.yaml", "vocabulary.yaml")

Spoil = Callable[[str], str]


def instead(old: str, new: str) -> Spoil:
    """Puts one text in place of another that is there."""

    def spoil(text: str) -> str:
        assert old in text, f"{old} is no longer in the policy"
        return text.replace(old, new, 1)

    return spoil


def assert_refused(copied: Path, name: str, spoil: Spoil, named: str) -> None:
    """A copy of the policy with one file spoiled is refused in one sentence with the file, a place
    and a remedy, in which the expression `named` is found."""
    path = copied / name
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(copied)
    sentence = str(caught.value)
    assert sentence.startswith(f"{name}, ")
    assert re.search(named, sentence), sentence
    place, colon, rest = sentence.removeprefix(f"{name}, ").partition(": ")
    assert place
    assert colon
    assert ";" in rest, "what is wrong; remedy"
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "pydantic" not in sentence
