"""A step tells nothing of the data when it fails, and an interruption is none of its failures."""

from __future__ import annotations

import dagster as dg
import pytest

from safer_streets_assets.stores.steps import guarded


def test_what_duckdb_makes_of_an_interruption_is_one() -> None:
    @guarded
    def step() -> None:
        raise RuntimeError("Query interrupted")

    with pytest.raises(KeyboardInterrupt):
        step()


def test_another_runtime_error_is_a_failure_without_its_text() -> None:
    @guarded
    def step() -> None:
        raise RuntimeError("of A123456")

    with pytest.raises(dg.Failure) as failed:
        step()
    assert "RuntimeError" in str(failed.value.description)
    assert "A123456" not in str(failed.value.description)
