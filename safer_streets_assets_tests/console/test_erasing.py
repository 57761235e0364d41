"""`erase-person`, `erase-drop` and `retention --dry-run`, as they are typed."""

from __future__ import annotations

import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.console.typed import run
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    PLANTED,
    files_of,
    ledger_states,
    planted_in,
)

UNKNOWN = "Z999999"
WHY = ("--why", "sent in error")


@pytest.mark.thorough
def test_erasing_from_the_command_line_tells_numbers_only(folder: DataFolder) -> None:
    before = files_of(folder)
    tried = run(folder, "erase-person", "--dry-run", typed=CRNS[0])
    assert tried.exit_code == 0
    assert files_of(folder) == before
    unsure = run(folder, "erase-person", *WHY, "--now", "--yes", typed=CRNS[0])
    assert unsure.exit_code == 1
    assert "--confirm erase" in str(unsure.exception)
    done = run(folder, "erase-person", *WHY, "--now", "--confirm", "erase", typed=CRNS[0])
    assert done.exit_code == 0, done.output
    assert planted_in(folder, (CRNS[0],)) == []
    drop_id = sorted(d for d, reason in ledger_states(folder).items() if reason is None)[0]
    states = ledger_states(folder)
    for way in ((*WHY, "--now"), ("--dry-run",)):
        tried = run(folder, "erase-drop", drop_id[:12], *way)
        assert tried.exit_code == (0 if way == ("--dry-run",) else 1)
    assert ledger_states(folder) == states
    at_once = (*WHY, "--now", "--confirm", drop_id[:12])
    dropped = run(folder, "erase-drop", drop_id[:12], *at_once)
    assert dropped.exit_code == 0, dropped.output
    assert ledger_states(folder)[drop_id] == "D-ERASED"
    assert run(folder, "retention", "--enforce", "--dry-run").exit_code == 0
    shown = "".join(one.output for one in (tried, unsure, done, dropped))
    assert not [needle for needle in PLANTED if needle in shown]


@pytest.mark.thorough
def test_a_number_under_which_nothing_is_held_is_taken_for_a_slip(folder: DataFolder) -> None:
    before = files_of(folder)
    for way in (WHY, (*WHY, "--yes"), (*WHY, "--now", "--confirm", "erase"), ("--dry-run",)):
        refused = run(folder, "erase-person", *way, typed=UNKNOWN)
        assert refused.exit_code == 1
        assert "Nothing is held under that number" in str(refused.exception)
        assert UNKNOWN not in f"{refused.output}{refused.exception}"
    assert files_of(folder) == before
    at_once = (*WHY, "--now", "--confirm", "erase", "--not-held")
    assert run(folder, "erase-person", *at_once, typed=UNKNOWN).exit_code == 0


def test_what_is_no_crn_is_refused_without_being_repeated(folder: DataFolder) -> None:
    refused = run(folder, "erase-person", *WHY, "--yes", typed="Quillfeather\n")
    assert refused.exit_code == 1
    assert "Quillfeather" not in f"{refused.output}{refused.exception}"
