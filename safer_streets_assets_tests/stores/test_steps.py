"""A step tells nothing of the data when it fails, and an interruption is none of its failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.stores.keys import Keys
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


def test_a_failure_says_the_innermost_place_in_the_product() -> None:
    @guarded
    def step() -> None:
        Keys(Path("no folder")).create(None)  # type: ignore[arg-type]
        Keys(7).path("x")  # type: ignore[arg-type]

    with pytest.raises(dg.Failure) as failed:
        step()
    said = str(failed.value.description)
    assert re.search(r" at safer_streets_assets\.stores\.files line \d+; its text", said)


def test_a_failure_outside_the_product_says_that_its_place_is_unknown() -> None:
    outside = eval("lambda: 1 / 0", {"__name__": "elsewhere"})
    with pytest.raises(dg.Failure) as failed:
        guarded(outside)()
    assert "ZeroDivisionError" in str(failed.value.description)
    assert "elsewhere" not in str(failed.value.description)


def test_a_step_that_yields_fails_without_its_text_too() -> None:
    @guarded
    def step() -> Iterator[int]:
        yield 1
        raise RuntimeError("of A123456")

    results = step()
    assert next(results) == 1
    with pytest.raises(dg.Failure) as failed:
        next(results)
    assert "A123456" not in str(failed.value.description)
