"""Commands that hand out personal data: to a new private file alone, and never to the screen."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from safer_streets_assets import cli
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.console.names import COLUMNS
from safer_streets_assets.intake.judged_again import judge_again
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers, now_utc
from safer_streets_assets.stores.who import user_name
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    TRAINING,
    build_cohort,
    data_folder,
    fetch,
    load_rows,
    no_settings_from_outside,
    people_rows,
    rows_of,
)

__all__ = ["no_settings_from_outside"]

CANARY = "Persephone"
MEANT, SENT = "K987654", "K987645"


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, and both streams."""

    code: int
    text: str


@pytest.fixture
def filled(tmp_path: Path) -> DataFolder:
    """A data folder with a canary in a row set aside, in a near miss and in names."""
    folder, policy = data_folder(tmp_path / "data"), load_policy()
    preflight(folder)
    named = {"Offender Name": f"{CANARY}, Ada"}
    with open_stores(folder, write=STORE_NAMES) as connection:
        prepare_intake(connection, policy)
        bad = rows_of(NPS, {**named, "CRN": f"{CANARY} 1"})
        good = people_rows(NPS, 8)
        good[0]["Court"] = f"={CANARY}, court"
        load_rows(connection, NPS, [*good, *rows_of(NPS, {"CRN": MEANT}), *bad])
        load_rows(connection, CRC, rows_of(CRC, {"CRN": SENT, "Name": f"{CANARY}, Ada"}))
        build_cohort(connection, folder)
        find_near_misses(connection, folder, policy)
    return folder


def command(folder: DataFolder, capfd: pytest.CaptureFixture[str], *words: str | Path) -> Said:
    """Runs a command as the shell would."""
    arguments = ["safer-streets", *map(str, words), "--data", str(folder.root)]
    code = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", arguments)
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
    streams = capfd.readouterr()
    return Said(code, streams.out + streams.err)


def assert_silent(said: Said) -> None:
    """Neither the canary nor a CRN was shown."""
    assert CANARY.casefold() not in said.text.casefold()
    assert not re.search(r"[A-Z]\d{6}", said.text)


def test_the_counts_and_lists_on_the_screen_name_nobody(
    filled: DataFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    for words in (("returns",), ("review", "list"), ("words",)):
        said = command(filled, capfd, *words)
        assert said.code == 0
        assert_silent(said)
        assert (CRC if words == ("review", "list") else NPS) in said.text


@pytest.mark.thorough
def test_words_of_no_list_go_to_a_new_private_file_and_are_no_formula_in_it(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "words.csv"
    said = command(filled, capfd, "words", "--out", out)
    assert said.code == 0
    assert_silent(said)
    assert out.stat().st_mode & 0o777 == 0o600
    [heading, *lines] = csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    assert heading == ["source", "field", "list", "rows", "text"]
    assert lines == [[NPS, "court", "courts", "1", f"'={CANARY}, court"]]
    again = command(filled, capfd, "words", "--out", out)
    assert again.code == 1
    assert_silent(again)


@pytest.mark.thorough
def test_texts_in_doubt_go_to_a_new_private_file_and_are_no_formula_in_it(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    policy, text = load_policy(), f"=young {CANARY}quist"
    with open_stores(filled, write=STORE_NAMES) as connection:
        prepare_intake(connection, policy)
        load_rows(connection, NPS, people_rows(NPS, 1, **{"Offender Name": "Young, Ada"}), drop=2)
        load_rows(connection, TRAINING, rows_of(TRAINING, {"Most useful": text}))
        assert judge_again(connection, policy, TRAINING) == 0
    counted = command(filled, capfd, "names")
    assert (TRAINING in counted.text, counted.code) == (True, 0)
    out = tmp_path / "names.csv"
    said = command(filled, capfd, "names", "--out", out)
    assert said.code == 0
    assert_silent(counted)
    assert_silent(said)
    assert out.stat().st_mode & 0o777 == 0o600
    [heading, *lines] = csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    assert heading == list(COLUMNS)
    ((text_id, decision, *facts),) = lines
    assert re.fullmatch("[0-9a-f]{32}", text_id)
    assert decision == ""
    assert facts == [TRAINING, f"{TRAINING}-1", "2", "1", "most_useful", f"'{text}"]


@pytest.mark.thorough
def test_decisions_on_texts_in_doubt_are_read_from_the_list_and_taken_back_by_id(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    policy, out = load_policy(), tmp_path / "names.csv"
    said = [f"young {CANARY}quist", "young and keen", *["Role play"] * 20]
    with open_stores(filled, write=STORE_NAMES) as connection:
        prepare_intake(connection, policy)
        load_rows(connection, NPS, people_rows(NPS, 1, **{"Offender Name": "Young, Ada"}), drop=2)
        rows = rows_of(TRAINING, *({"Form": str(n), "Improve": t} for n, t in enumerate(said)))
        load_rows(connection, TRAINING, rows)
        judge_again(connection, policy, TRAINING)
    command(filled, capfd, "names", "--out", out)
    [heading, *lines] = csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    for line in lines:
        line[1] = "yes" if CANARY in line[-1] else "no"
    with out.open("w", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([heading, *lines])
    done = command(filled, capfd, "names", "accept", out)
    assert "1 texts name somebody, 1 name nobody" in done.text
    assert "1 rows were set aside" in done.text
    assert "No text" in command(filled, capfd, "names").text
    kept = next(line[0] for line in lines if line[1] == "no")
    back = command(filled, capfd, "names", "withdraw", kept)
    assert "in doubt again" in back.text
    assert TRAINING in command(filled, capfd, "names").text
    for told in (done, back):
        assert told.code == 0
        assert_silent(told)
    with open_stores(filled, read=["registers"]) as connection:
        recorded = fetch(connection, "FROM registers.name_decisions")
    assert len(recorded) == 3
    assert CANARY.casefold() not in repr(recorded).casefold()
    assert {line[4] for line in recorded} == {user_name()}


@pytest.mark.thorough
def test_a_workbook_goes_to_a_new_private_file(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.xlsx"
    said = command(filled, capfd, "returns", NPS, "--out", out)
    assert said.code == 0
    assert_silent(said)
    assert "erase it" in said.text
    assert out.stat().st_mode & 0o777 == 0o600
    page = openpyxl.load_workbook(out).worksheets[0]
    assert f"{CANARY} 1" in [cell.value for cell in page[2]]
    before = out.read_bytes()
    again = command(filled, capfd, "returns", NPS, "--out", out)
    assert again.code == 1
    assert_silent(again)
    assert out.read_bytes() == before


@pytest.mark.thorough
def test_the_list_is_decided_on_accepted_and_withdrawn(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "list.csv"
    said = [command(filled, capfd, "review", "list", "--out", out)]
    assert out.stat().st_mode & 0o777 == 0o600
    (line,) = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")))
    assert (line["crn_sent"], line["crn_meant"], line["decision"]) == (SENT, MEANT, "")
    assert CANARY not in out.read_text(encoding="utf-8-sig")
    out.write_bytes(out.read_bytes().rstrip() + b"yes\r\n")
    said.append(command(filled, capfd, "review", "accept", out))
    with open_stores(filled, read=["restricted", "registers"]) as connection:
        links = fetch(connection, "SELECT crn_sent, crn_meant FROM restricted.accepted_links")
        audit = fetch(connection, "SELECT decision, decided_by FROM registers.review_decisions")
    assert links == [(SENT, MEANT)]
    assert audit == [("accepted", user_name())]
    said.append(command(filled, capfd, "review", "withdraw", line["near_miss_id"]))
    assert [one.code for one in said] == [0, 0, 0]
    for one in said:
        assert_silent(one)
    assert command(filled, capfd, "review", "withdraw", line["near_miss_id"]).code == 1


@pytest.mark.thorough
def test_the_registers_keep_no_crn(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "list.csv"
    command(filled, capfd, "review", "list", "--out", out)
    out.write_bytes(out.read_bytes().rstrip() + b"no\r\n")
    command(filled, capfd, "review", "accept", out)
    with open_stores(filled, read=["registers"]) as connection:
        lines = fetch(connection, "SELECT * FROM registers.review_decisions")
    assert len(lines) == 1
    assert not re.search(r"[A-Z]\d{6}", str(lines))


@pytest.mark.parametrize(
    "content",
    [
        f"{CANARY} K987654\n".encode(),
        f"near_miss_id,decision\n{CANARY} K987654,yes\n".encode(),
        f"near_miss_id,decision\nnm-1,{CANARY} K987654\n".encode(),
        CANARY.encode("utf-16"),
        None,
    ],
)
@pytest.mark.thorough
def test_a_list_that_is_refused_is_not_repeated(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / f"{CANARY} K987654.csv"
    if content is not None:
        path.write_bytes(content)
    said = command(filled, capfd, "review", "accept", path)
    assert said.code == 1
    assert_silent(said)
    assert len(said.text.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("returns", f"{CANARY} K987654", "--out", "x"),
        ("returns", CRC, "--out", "x"),
        ("returns", NPS),
        ("returns", NPS, "--out", f"{CANARY} K987654/no/folder"),
        ("review", "list", "--out", f"{CANARY} K987654/no/folder"),
        ("review", "withdraw", f"{CANARY} K987654"),
    ],
)
@pytest.mark.thorough
def test_a_command_that_fails_says_one_sentence_and_names_nobody(
    filled: DataFolder,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command(filled, capfd, *words)
    assert said.code == 1
    assert_silent(said)
    assert len(said.text.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.thorough
def test_a_link_in_the_place_of_the_file_is_not_followed(
    filled: DataFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "out").symlink_to(target)
    assert command(filled, capfd, "returns", NPS, "--out", tmp_path / "out").code == 1
    assert not target.exists()


@pytest.mark.thorough
def test_a_file_that_cannot_be_written_whole_is_removed(
    filled: DataFolder,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from safer_streets_assets.console import handing_out

    def full(_: int, __: int) -> None:
        raise OSError(28, f"{CANARY} K987654")

    out = tmp_path / "out.xlsx"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(handing_out.os, "fchmod", full)
        said = command(filled, capfd, "returns", NPS, "--out", out)
    assert said.code == 1
    assert_silent(said)
    assert not out.exists()


@pytest.mark.parametrize("words", [("returns",), ("review", "list")])
def test_before_the_first_run_and_after_the_end_there_is_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    folder = data_folder(tmp_path / "empty")
    said = command(folder, capfd, *words)
    assert said.code == 1
    assert "Nothing has been taken in yet" in said.text
    assert not folder.database("restricted").exists()
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        close_evaluation(connection, now_utc())
    assert "closed" in command(folder, capfd, *words).text
    assert not folder.database("restricted").exists()
