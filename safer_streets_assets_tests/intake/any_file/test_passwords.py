"""Protected workbooks: the right password, a wrong one, none, an unreadable file of them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest

from safer_streets_assets.intake.passwords import (
    PASSWORDS_VARIABLE,
    drop_passwords,
    with_passwords_in_mind,
)
from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS
from safer_streets_assets_tests.intake.any_file.cases import Case
from safer_streets_assets_tests.intake.any_file.old_cases import cells_of
from safer_streets_assets_tests.intake.any_file.outcome import (
    assert_ends_as_it_should,
    assert_nothing_is_seen_outside,
    assert_seen_in_the_store_alone,
    save,
    take_in_cases,
    taken,
)
from safer_streets_assets_tests.intake.any_file.people import People
from safer_streets_assets_tests.intake.any_file.workbook_cases import xlsx
from safer_streets_assets_tests.intake.readers.builders import protected_xls
from safer_streets_assets_tests.privacy.traces import word

RIGHT = word("password")


def locked(who: People, password: str = RIGHT) -> bytes:
    """An XLSX workbook behind a password."""
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(xlsx(who.lines()))).encrypt(password, out)
    return out.getvalue()


def locked_xls(who: People) -> bytes:
    """An XLS workbook behind a password."""
    return protected_xls({k: str(v) for k, v in cells_of(who.lines()).items() if v}, RIGHT)


def cases(code: str | None) -> list[Case]:
    """Two locked workbooks that end with this code, and a file that needs no password."""
    return [
        Case("xlsx", locked, 0, code, kind="xlsx"),
        Case("xls", locked_xls, 1, code, kind="xls"),
        Case("plain", lambda p: p.csv(), 2),
    ]


def judge(root: Path, some: list[Case]) -> None:
    outcome = take_in_cases(root, some)
    for case in some:
        assert_ends_as_it_should(case, outcome)
        assert_seen_in_the_store_alone(case, outcome)
    assert_nothing_is_seen_outside(outcome)
    assert "password" not in outcome.inside, "a password is nowhere"


@pytest.fixture
def passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "passwords.txt"
    monkeypatch.setenv(PASSWORDS_VARIABLE, str(place))
    return place


def test_the_right_password_opens_them(tmp_path: Path, passwords: Path) -> None:
    passwords.write_text(f"wrong\n\n  {RIGHT}  \n")
    judge(tmp_path, cases(None))


def test_a_byte_order_mark_is_no_part_of_the_first_password(passwords: Path) -> None:
    passwords.write_text("one\ntwo", encoding="utf-8-sig")
    assert drop_passwords() == ("one", "two")


def test_a_wrong_password_does_not(tmp_path: Path, passwords: Path) -> None:
    passwords.write_text(f"{RIGHT.lower()}\n")
    judge(tmp_path, cases("F-ENCRYPTED"))


def test_no_password_is_known(tmp_path: Path) -> None:
    judge(tmp_path, cases("F-ENCRYPTED"))


def test_a_file_of_passwords_that_is_missing_stops_nothing_else(
    tmp_path: Path, passwords: Path
) -> None:
    judge(tmp_path, cases("F-NO-PASSWORDS"))


@pytest.mark.parametrize("problem", ["missing", "folder", "not text", "pipe"])
def test_only_a_drop_that_needs_a_password_is_told_that_there_is_none_to_read(
    passwords: Path, problem: str
) -> None:
    if problem == "folder":
        passwords.mkdir()
    elif problem == "not text":
        passwords.write_bytes(b"\xff\xfe\x00")
    elif problem == "pipe":
        os.mkfifo(passwords)
    assert drop_passwords() == ()
    assert with_passwords_in_mind(UnreadableDrop("F-ENCRYPTED")).code == "F-NO-PASSWORDS"
    assert with_passwords_in_mind(UnreadableDrop("F-LOCKED")).code == "F-LOCKED"


@pytest.mark.thorough
def test_once_the_file_can_be_read_the_drop_is_taken_in_when_it_comes_again(
    tmp_path: Path, passwords: Path
) -> None:
    case = Case("xlsx", locked, 0, kind="xlsx")
    content = locked(case.people)
    folder = DataFolder(root=tmp_path / "data", keys=tmp_path / "data" / "keys").prepare()
    drops = {case.title: save(folder, NPS, case.name, content)}
    before = taken(folder, drops, tmp_path)
    assert before.ledger[drops[case.title]][:2] == ("quarantined", "F-NO-PASSWORDS")
    passwords.write_text(RIGHT)
    save(folder, NPS, case.name, content)
    assert_ends_as_it_should(case, taken(folder, drops, tmp_path))
