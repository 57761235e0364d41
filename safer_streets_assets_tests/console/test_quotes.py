"""The commands of quotes as they are typed: words are shown only when they are asked for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from safer_streets_assets.console import quotes as commands
from safer_streets_assets.stores import DataFolder, open_stores, who
from safer_streets_assets.stores.who import SystemUser, who_acts
from safer_streets_assets_tests.builders import CHECKIN
from safer_streets_assets_tests.console.typed import refused, run, said
from safer_streets_assets_tests.retention.builders import CRNS

CONSENT = ("--consent", "asked_in_writing")
WORDS = "met [NAME] sister"
Users = Callable[[int], None]


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> Users:
    """Runs the commands from now on as the user of that number."""

    def become(number: int) -> None:
        operator = SystemUser(number, f"user {number}")
        monkeypatch.setattr(commands, "who_acts", lambda: operator)

    become(1001)
    return become


def texts(folder: DataFolder, out: Path) -> list[dict[str, str]]:
    said(folder, "quotes", "texts", "--out", str(out))
    return list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))


def propose(folder: DataFolder, tmp_path: Path) -> str:
    """Proposes the first text; returns the id of the quote."""
    text = texts(folder, tmp_path / "texts.csv")[0]["text_id"]
    done = said(folder, "quotes", "propose", text, *CONSENT)
    found = re.search(r"Quote ([0-9a-f]{16}) is proposed", done)
    assert found is not None
    return found[1]


def decisions(folder: DataFolder) -> list[tuple[str, str]]:
    with open_stores(folder, read=["registers"]) as connection:
        return connection.execute(
            "SELECT decision, decided_by FROM registers.quote_decisions ORDER BY decided_at, "
            "decision = 'withdrawn', decision = 'approved'"
        ).fetchall()


def test_a_quote_is_proposed_by_one_and_approved_by_another_who_repeats_its_hash(
    folder: DataFolder, tmp_path: Path, as_user: Users
) -> None:
    quote = propose(folder, tmp_path)
    shown = said(folder, "quotes", "show", quote).splitlines()
    assert shown[0] == WORDS
    digits = shown[1].removeprefix("SHA-256: ")[:12]
    assert "another user" in refused(folder, "quotes", "approve", quote, "--confirm", digits)
    as_user(1002)
    assert "was not" in refused(folder, "quotes", "approve", quote, "--confirm", "0" * 12)
    assert "no terminal" in refused(folder, "quotes", "approve", quote)
    done = said(folder, "quotes", "approve", quote, "--confirm", digits)
    assert done.splitlines()[0] == WORDS
    assert "does not wait" in refused(folder, "quotes", "approve", quote, "--confirm", digits)
    assert "too few people" in said(folder, "quotes", "list")
    assert "withdrawn" in said(folder, "quotes", "withdraw", quote)
    assert decisions(folder) == [
        ("proposed", "user 1001"),
        ("approved", "user 1002"),
        ("withdrawn", "user 1002"),
    ]


def test_lists_show_no_word_and_files_are_for_their_owner_alone(
    folder: DataFolder, tmp_path: Path, as_user: Users
) -> None:
    assert "There are no quotes" in said(folder, "quotes", "list")
    quote = propose(folder, tmp_path)
    listed = said(folder, "quotes", "list") + said(folder, "quotes", "texts")
    assert quote in listed
    assert CHECKIN in listed
    assert "sister" not in listed
    out = tmp_path / "words.txt"
    assert "sister" not in said(folder, "quotes", "show", quote, "--out", str(out))
    assert out.read_text() == WORDS
    assert [f.stat().st_mode & 0o777 for f in (out, tmp_path / "texts.csv")] == [0o600, 0o600]
    assert "already" in refused(folder, "quotes", "show", quote, "--out", str(out))


def test_what_is_not_there_is_refused_in_a_sentence(
    folder: DataFolder, tmp_path: Path, as_user: Users
) -> None:
    assert "No text of this id" in refused(folder, "quotes", "propose", "0" * 32, *CONSENT)
    for command in ("show", "approve", "withdraw"):
        assert "No quote of this id" in refused(folder, "quotes", command, "0" * 16)
    text = texts(folder, tmp_path / "texts.csv")[0]["text_id"]
    binary = tmp_path / "passage"
    binary.write_bytes(b"\xff\xfe\xff")
    for passage, why in ((binary, "UTF-8"), (tmp_path / "none", "cannot be read")):
        words = ("quotes", "propose", text, *CONSENT, "--passage", str(passage))
        assert why in refused(folder, *words)
    assert run(folder, "quotes", "propose", text).exit_code == 2
    assert decisions(folder) == []


def only_the_first_writes(folder: DataFolder) -> None:
    """Leaves the comment of one person."""
    with open_stores(folder, write=["restricted"]) as connection:
        connection.execute(
            "UPDATE restricted.ors_facilitator_checkin_raw SET comments = NULL WHERE crn_key <> ?",
            [CRNS[0]],
        )


def test_asking_for_an_erasure_withdraws_the_quotes_of_the_person(
    folder: DataFolder, tmp_path: Path, as_user: Users
) -> None:
    only_the_first_writes(folder)
    propose(folder, tmp_path)
    asking = ("erase-person", "--why", "they asked for it", "--yes")
    assert "1 of the quotes were withdrawn" in said(folder, *asking, typed=f"{CRNS[0]}\n")
    assert [decision for decision, _ in decisions(folder)] == ["proposed", "withdrawn"]


def test_an_objection_withdraws_the_quotes_of_the_person(
    folder: DataFolder, tmp_path: Path, as_user: Users
) -> None:
    only_the_first_writes(folder)
    propose(folder, tmp_path)
    done = said(folder, "objections", "record", typed=f"{CRNS[0]}\n")
    assert "1 of the quotes were withdrawn" in done
    assert [decision for decision, _ in decisions(folder)] == ["proposed", "withdrawn"]


def test_an_operator_is_who_the_system_says_whatever_the_environment_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = tmp_path / "loginuid"
    monkeypatch.setattr(who, "_LOGIN", login)
    monkeypatch.setattr(who.os, "getuid", lambda: 4_000_001)
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "somebody")
    assert who_acts() == SystemUser(4_000_001, "user 4000001")
    login.write_text(str(2**32 - 1))
    assert who_acts().uid == 4_000_001
    login.write_text("4000002")
    assert who_acts() == SystemUser(4_000_002, "user 4000002")
