"""What a run needs is loaded beside something else, and says nothing of what does not load."""

from __future__ import annotations

import sys

import pytest

from safer_streets_assets.console.importing import FOR_A_RUN, import_meanwhile


def test_modules_are_loaded_beside_and_one_that_does_not_load_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import_meanwhile(["safer_streets_assets.no_such_module", "colorsys"]).join()
    assert "colorsys" in sys.modules
    assert capfd.readouterr() == ("", "")


def test_what_a_run_needs_is_there_to_be_loaded() -> None:
    import_meanwhile().join()
    assert set(FOR_A_RUN) <= set(sys.modules)
