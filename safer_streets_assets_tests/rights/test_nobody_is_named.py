"""No CRN and no name stands outside the answer and the restricted store, whatever goes wrong."""

from __future__ import annotations

import getpass
import io
import sys
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.console import secret_input
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.retention.erasure.subjects import ErasureScope, going
from safer_streets_assets.rights import answering, bundle
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.rights.objections import judged, objections
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.builders import fetch, shipped_policy
from safer_streets_assets_tests.privacy.traces import (
    canaries_of,
    database_texts,
    found_in,
    traces,
    word,
)
from safer_streets_assets_tests.rights.conftest import THEIRS, Command, Said

BREACH = ("registers", "breaches", "add", "--detected")


def outside(folder: DataFolder) -> dict[str, set[str]]:
    """Canaries below the data folder; what is encrypted has none to give."""
    return traces(folder.root)


def assert_silent(said: Said) -> None:
    """Nothing of anybody was shown."""
    assert found_in(said.text.encode()) == set()


@pytest.mark.thorough
def test_only_the_answer_names_the_person(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    out = tmp_path / "out"
    said = command(filled, "subject-access", "--out", out, given=f"{THEIRS}\n")
    assert said.code == 0
    assert_silent(said)
    (place,) = out.iterdir()
    assert found_in(place.name.encode()) == set()
    assert {path.name for path in place.iterdir()} == {bundle.WORKBOOK, bundle.JSON_FILE}
    assert place.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert THEIRS.lower() in canaries_of(traces(place))
    assert outside(filled) == {}


@pytest.mark.thorough
def test_the_log_has_a_random_id_and_nothing_made_from_the_crn(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    for number in range(2):
        assert (
            command(filled, "subject-access", "--out", tmp_path / str(number), given=THEIRS).code
            == 0
        )
    with open_stores(filled, read=["registers"]) as connection:
        ids = fetch(connection, "SELECT request_id FROM registers.rights_requests")
        texts = b"\n".join(database_texts(connection, "registers"))
    assert len({name for (name,) in ids}) == 2
    assert found_in(texts) == set()


@pytest.mark.parametrize(
    "words",
    [
        ("subject-access", THEIRS),
        ("subject-access", "--crn", THEIRS),
        ("subject-access", f"--crn={THEIRS}"),
        ("subject-access", "--out", f"answer {THEIRS}"),
        ("subject-access", "--received", THEIRS),
        ("subject-access", "--request", THEIRS),
        ("objections", "record", THEIRS),
        ("objections", "decide", THEIRS, "--decision", "upheld", "--reasons", "x"),
        ("objections", "decide", "x", "--decision", "upheld", "--reasons", THEIRS),
        ("registers", "rights", "close", THEIRS),
        (*BREACH, "2026-01-05 10:00", "--severity", "low", "--what", THEIRS),
        (*BREACH, "2026-01-05 10:00", "--severity", THEIRS, "--what", "x"),
        (*BREACH, THEIRS, "--severity", "low", "--what", "x"),
        ("registers", "breaches", "escalate", THEIRS, "--to", "x", "--at", "2026-01-05 10:00"),
        ("registers", "breaches", "escalate", "x", "--to", THEIRS, "--at", "2026-01-05 10:00"),
        ("registers", "breaches", "close", "x", "--lessons", THEIRS),
    ],
)
def test_a_crn_given_as_an_argument_is_refused_and_not_repeated(
    filled: DataFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Command,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command(filled, *words, given=THEIRS)
    assert said.code == 1
    assert_silent(said)
    assert len(said.text.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert outside(filled) == {}


@pytest.mark.parametrize("given", ["", "\n", f"{THEIRS}9\n", f"{word('given')}\n", THEIRS[:5]])
def test_what_is_no_crn_is_refused_and_not_repeated(
    filled: DataFolder, tmp_path: Path, command: Command, given: str
) -> None:
    said = command(filled, "subject-access", "--out", tmp_path / "out", given=given)
    assert said.code == 1
    assert_silent(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.thorough
def test_an_answer_that_cannot_be_written_whole_is_removed(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:9])
        if path.name == bundle.WORKBOOK:
            raise OSError(28, f"{word('full')} {THEIRS}")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bundle, "_write_private", full)
        said = command(filled, "subject-access", "--out", tmp_path / "out", given=THEIRS)
    assert said.code == 1
    assert "make room" in said.text
    assert_silent(said)
    assert list((tmp_path / "out").iterdir()) == []
    assert outside(filled) == {}


def test_a_mishap_names_nobody_and_leaves_the_request_on_the_log(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    def raising(*_: object, **__: object) -> None:
        raise ValueError(f"{word('raised')} {THEIRS}")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answering, "answer_of", raising)
        said = command(filled, "subject-access", "--out", tmp_path / "out", given=THEIRS)
    assert said.code == 1
    assert_silent(said)
    assert not (tmp_path / "out").exists()
    assert "30 days" not in said.text
    listed = command(filled, "registers", "rights", "list").text
    assert "subject access" in listed
    assert outside(filled) == {}


def test_the_terminal_does_not_show_the_crn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f" {THEIRS.lower()} ")
    assert secret_input.read_crn(shipped_policy().dpia.person_number) == THEIRS

    def shown(prompt: str) -> str:
        import warnings

        warnings.warn("can not control echo", getpass.GetPassWarning, stacklevel=1)
        return THEIRS

    monkeypatch.setattr(getpass, "getpass", shown)
    with pytest.raises(RightsError, match="would show"):
        secret_input.read_crn(shipped_policy().dpia.person_number)


@pytest.mark.thorough
def test_an_objection_is_kept_beside_the_crn_and_shown_by_its_id_alone(
    filled: DataFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [command(filled, "objections", "record", given=f"{THEIRS}\n")]
    said.append(command(filled, "objections", "record", given=f"{THEIRS}\n"))
    said.append(command(filled, "objections", "list"))
    assert [one.code for one in said] == [0, 1, 0]
    assert "waits for a decision" in said[2].text
    with open_stores(filled, read=["restricted", "registers"]) as connection:
        ((name, crn),) = fetch(
            connection, "SELECT objection_id, crn_key FROM restricted.objections"
        )
        logged = fetch(
            connection, "SELECT request_id, kind, closed_at FROM registers.rights_requests"
        )
        waiting = judged(objections(connection, shipped_policy(), {}))
    assert (crn, logged) == (THEIRS, [(name, "objection", None)])
    assert (waiting.is_late, len(waiting.lines)) == (False, 1)
    assert command(filled, "registers", "rights", "close", name).code == 1
    reasons = ("--reasons", "Nothing outweighs it")
    said.append(command(filled, "objections", "decide", name, "--decision", "upheld", *reasons))
    assert "erase-person" in said[-1].text
    assert _checks(filled, monkeypatch)["objections_are_decided"] == (False, "ERROR")
    for one in said:
        assert_silent(one)
    assert outside(filled) == {}
    with open_stores(filled, write=["restricted"]) as connection:
        theirs = ErasureScope("person", [THEIRS], ())
        rows = going(connection, shipped_policy(), theirs, "restricted")
        for table, where in rows.items():
            if table != "objections":
                connection.execute(f"DELETE FROM restricted.{table} WHERE {where}")
        assert judged(objections(connection, shipped_policy(), {})).lines == []


@pytest.mark.thorough
def test_an_objection_of_somebody_whose_erasure_waits_says_the_day(
    filled: DataFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(filled, "objections", "record", given=f"{THEIRS}\n")
    with open_stores(filled, read=["restricted"]) as connection:
        ((name,),) = fetch(connection, "SELECT objection_id FROM restricted.objections")
    asked = command(filled, "erase-person", "--why", "x", "--yes", given=f"{THEIRS}\n")
    assert asked.code == 0, asked.text
    day = f"{date.today() + timedelta(days=shipped_policy().dpia.retention.notice_days)}"
    assert f"The person will be erased on {day}" in command(filled, "objections", "list").text
    reasons = ("--reasons", "Nothing outweighs it")
    said = command(filled, "objections", "decide", name, "--decision", "upheld", *reasons)
    assert f"until then: the person will be erased on {day}" in said.text
    assert _checks(filled, monkeypatch)["objections_are_decided"] == (False, "WARN")
    assert_silent(said)
    assert_silent(asked)
    assert outside(filled) == {}


def _checks(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[bool, str]]:
    """How the checks of the registers come out in a run whose history lies in the data folder."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    definitions = build_defs(shipped_policy(), data_folder=str(folder.root))
    with dg.instance_for_test(temp_dir=str(folder.dagster)) as instance:
        result = definitions.resolve_job_def("accountability").execute_in_process(
            instance=instance, raise_on_error=False
        )
    assert result.success
    done = result.get_asset_check_evaluations()
    found = {one.check_name: (one.passed, one.severity.value) for one in done}
    assert found.keys() == {
        "breach_clocks", "requests_are_answered", "dpia_review_is_current", "contacts_are_named",
        "objections_are_decided", "dpia_questions_are_answered",
    }  # fmt: skip
    return found
