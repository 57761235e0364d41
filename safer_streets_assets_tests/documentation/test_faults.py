"""The page on faults quotes what is really said."""

from __future__ import annotations

import pytest

from safer_streets_assets.stores import STORE_NAMES
from safer_streets_assets.stores.faults import (
    FULL,
    HISTORY_AWAY,
    HISTORY_DAMAGED,
    HISTORY_NO_ROOM,
    NOT_OURS,
    damaged_sentence,
)
from safer_streets_assets_tests.e2e.commands import REPOSITORY

SAID = (
    FULL,
    NOT_OURS,
    HISTORY_DAMAGED,
    HISTORY_AWAY,
    HISTORY_NO_ROOM,
    *map(damaged_sentence, STORE_NAMES),
)


@pytest.mark.parametrize("sentence", SAID)
def test_the_page_has_each_sentence_on_a_fault_as_it_is_said(sentence: str) -> None:
    assert f"`{sentence}`" in (REPOSITORY / "docs" / "faults.md").read_text()
