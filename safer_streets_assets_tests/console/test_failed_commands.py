"""A command that a person ended says so, whatever a library made of it."""

from __future__ import annotations

from safer_streets_assets.console.failed_commands import was_interrupted
from safer_streets_assets.stores import StoreError


def test_ctrl_c_within_a_query_is_an_interruption() -> None:
    assert was_interrupted(RuntimeError("Query interrupted"))
    wrapped = StoreError("It failed.")
    wrapped.__cause__ = RuntimeError("Query interrupted")
    assert was_interrupted(wrapped)


def test_another_error_is_none() -> None:
    assert not was_interrupted(RuntimeError("Query failed"))
