"""Commands as they are typed, on a data folder, in this process."""

from __future__ import annotations

from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from safer_streets_assets.cli import app
from safer_streets_assets.retention import due
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import now_utc


def run(folder: DataFolder, *words: str, typed: str = "") -> Result:
    """How a command ends; `typed` is its input."""
    return CliRunner().invoke(app, [*words, "--data", str(folder.root)], input=typed)


def said(folder: DataFolder, *words: str, typed: str = "") -> str:
    """What a command says that ends well."""
    done = run(folder, *words, typed=typed)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refused(folder: DataFolder, *words: str, typed: str = "") -> str:
    """What a command says that fails."""
    done = run(folder, *words, typed=typed)
    assert done.exit_code == 1, done.output
    return f"{done.output} {done.exception}"


def after(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Makes the commands take it to be some days later."""
    monkeypatch.setattr(due, "now_utc", lambda: now_utc() + timedelta(days=days))
