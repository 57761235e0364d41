"""Canaries: nothing that was not asked for, and nothing from a refused file, is ever seen."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import pandas as pd
import pyreadstat
import pytest

from safer_streets_assets.intake.readers import DropReader, ReadDrop, UnreadableDrop
from safer_streets_assets.intake.readers.protocol import frame, request_message
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    add_to_sheet,
    csv_bytes,
    ods_bytes,
    repack,
    request_for,
    xls_bytes,
    xlsx_bytes,
)

CANARIES = ("Canary, Persephone", "Z987654")
WITH_CANARIES = [(*HEADER, "Offender Name", "Old number"), (*ROW, *CANARIES)]


def assert_silent(seen: str) -> None:
    low = seen.casefold()
    assert "canary" not in low
    assert "persephone" not in low
    assert "987654" not in low


def sav_bytes(folder: Path) -> bytes:
    header, row = WITH_CANARIES
    path = folder / "made.sav"
    names = [name.replace(" ", "_") for name in header]
    pyreadstat.write_sav(pd.DataFrame([row], columns=names), path)
    return path.read_bytes()


GOOD: dict[str, Callable[[Path], bytes]] = {
    "csv": lambda _: csv_bytes(*WITH_CANARIES, delimiter=";"),
    "xlsx": lambda _: xlsx_bytes({"Data": WITH_CANARIES, "More": WITH_CANARIES}),
    "ods": lambda _: ods_bytes(WITH_CANARIES),
    "xls": lambda _: xls_bytes(
        {(r, c): cell for r, row in enumerate(WITH_CANARIES) for c, cell in enumerate(row)}
    ),
    "sav": sav_bytes,
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_column_that_was_not_asked_for_never_leaves_the_child(
    reader: DropReader,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    answers: list[bytes] = []
    drop_from = "safer_streets_assets.intake.readers.reader.drop_from"
    real = __import__("safer_streets_assets.intake.readers.protocol", fromlist=["x"]).drop_from

    def listening(body: bytearray, request: Any) -> ReadDrop:
        answers.append(bytes(body))
        drop: ReadDrop = real(body, request)
        return drop

    monkeypatch.setattr(drop_from, listening)
    path = tmp_path / "Canary Persephone Z987654"
    path.write_bytes(GOOD[kind](tmp_path))
    drop = reader.read(request_for(path))
    assert drop.columns["crn"] == ["A000001"]
    assert len(drop.dropped) == 2
    assert_silent(f"{drop!r} {drop.columns}")
    assert len(answers) == 1
    assert_silent(answers[0].decode())
    assert_silent("".join(capfd.readouterr()))


def broken_files(folder: Path) -> dict[str, bytes]:
    text = csv_bytes(*WITH_CANARIES, delimiter=";")
    book = xlsx_bytes({"Data": WITH_CANARIES})
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(book)).encrypt("pw", locked)
    cell = b'<row r="9"><c r="A9" t="s"><v>Canary, Persephone Z987654</v></c></row>'
    return {
        "open quote": text + b'"Canary, Persephone;Z987654\r\n',
        "canary header only": "\r\n".join(CANARIES).encode(),
        "canary beside the header": csv_bytes(("CRN", *CANARIES), ("x", *CANARIES)),
        "nul": text + b"\0",
        "undefined byte": text + b"\x81",
        "long cell": text + b"Canary" * 400,
        "cut workbook": book[:-100],
        "cut sheet": repack(book, lambda _, xml: xml[:-60]),
        "impossible string": add_to_sheet(book, cell),
        "far cell": add_to_sheet(book, cell.replace(b"A9", b"XFD1048576")),
        "macro": repack(book, extra={"Canary, Persephone/vbaProject.bin": b"Z987654"}),
        "twice": xlsx_bytes({"Data": [(*HEADER, "crn"), (*ROW, CANARIES[1])]}),
        "hidden": xlsx_bytes({"Canary": [("x",)], "Data": WITH_CANARIES}, hidden=["Data"]),
        "locked": locked.getvalue(),
        "cut survey": sav_bytes(folder)[:-40],
        "web page": b"<html><td>Canary, Persephone</td><td>Z987654</td></html>",
        "cut xls": GOOD["xls"](folder)[:2000],
    }


def test_a_refusal_says_nothing_from_the_file_nor_its_name(
    reader: DropReader, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen = []
    path = tmp_path / "Canary Persephone Z987654.xlsx"
    broken = broken_files(tmp_path)
    for data in broken.values():
        path.write_bytes(data)
        with pytest.raises(UnreadableDrop) as refusal:
            reader.read(request_for(path))
        error = refusal.value
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
        stack = traceback.TracebackException.from_exception(error, capture_locals=False)
        seen.append(f"{error} {error!r} {error.args} {''.join(stack.format())}")
    assert len(seen) == len(broken)
    assert_silent(" ".join(seen))
    assert_silent("".join(capfd.readouterr()))


def test_the_repr_of_a_request_shows_neither_the_file_name_nor_a_password() -> None:
    request = request_for(Path("/landing/Canary Persephone"), passwords=("Z987654",))
    assert_silent(repr(request))


def test_reading_writes_no_file_anywhere_near(
    reader: DropReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drop"
    for build in GOOD.values():
        path.write_bytes(build(tmp_path))
        before = sorted(tmp_path.iterdir())
        reader.read(request_for(path))
        assert sorted(tmp_path.iterdir()) == before


def test_the_password_travels_in_the_pipe_and_not_on_the_command_line(
    reader: DropReader, tmp_path: Path
) -> None:
    path = tmp_path / "drop"
    path.write_bytes(csv_bytes(HEADER, ROW))
    request = request_for(path, passwords=("hunter-two",))
    reader.read(request)
    assert b"hunter-two" in frame(request_message(request))
    assert reader._child is not None
    shown = [Path(f"/proc/{reader._child.pid}/{name}") for name in ("cmdline", "environ")]
    assert all(b"hunter-two" not in place.read_bytes() for place in shown if place.exists())
