"""The search for traces finds what is planted: what it says of the cases can be believed."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets_tests.intake.any_file.cases import Case
from safer_streets_assets_tests.intake.any_file.outcome import (
    assert_nothing_is_seen_outside,
    take_in_cases,
)
from safer_streets_assets_tests.privacy.traces import canaries_of, word


def _write_temporary() -> None:
    with tempfile.NamedTemporaryFile(delete=False) as stream:
        stream.write(word("temporary").encode())


LEAKS: dict[str, Callable[[], object]] = {
    "logged": lambda: logging.getLogger("x").debug(word("logged")),
    "printed": lambda: sys.stdout.write(word("printed")),
    "descriptor": lambda: os.write(2, word("descriptor").encode()),
    "warned": lambda: warnings.warn(word("warned"), stacklevel=1),
    "temporary": _write_temporary,
}
PLACES = {"registers", "published", "research", "dagster"}


def test_what_leaks_while_files_are_taken_in_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = taking.decision_for

    def leaking(error: Any) -> Any:
        for leak in LEAKS.values():
            leak()
        return real(error)

    monkeypatch.setattr(taking, "decision_for", leaking)
    outcome = take_in_cases(tmp_path, [Case("empty", lambda p: b"", 0, "F-EMPTY")])
    assert outcome.output | canaries_of(outcome.outside) == set(LEAKS)
    with pytest.raises(AssertionError):
        assert_nothing_is_seen_outside(outcome)


def test_what_lies_outside_the_restricted_store_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = taking.clear_landing

    def leaking(connection: Any, drop_id: str, source: str) -> None:
        real(connection, drop_id, source)
        connection.execute("UPDATE registers.drops SET sentence = ?", [word("ledger")])
        for place in PLACES:
            (tmp_path / "data" / place / f"{word(place)}.txt").touch()

    monkeypatch.setattr(taking, "clear_landing", leaking)
    outcome = take_in_cases(tmp_path, [Case("plain", lambda p: p.csv(), 0)])
    assert canaries_of(outcome.outside) == PLACES | {"ledger"}
