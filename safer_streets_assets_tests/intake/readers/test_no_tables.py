"""A file that is no table is called what it is, and a table is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from safer_streets_assets.intake.readers import DropReader
from safer_streets_assets_tests.intake.readers.builders import (
    ANONYMOUS,
    HEADER,
    ROW,
    csv_bytes,
    sentence,
)
from safer_streets_assets_tests.intake.readers.conftest import Read


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (csv_bytes(HEADER, ROW) + b"A000002,Br\0nt,3\r\n", "text with a NUL byte in row 3"),
        (csv_bytes(HEADER, ROW) + bytes(600), "it ends in zeros"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a SYLK file"),
        (b"PAR1\x15\x04\x15" + bytes(40) + b"PAR1", "a Parquet file"),
        (bytes(12) + b"\xc2\xea\x81\x60" + bytes(40), "a SAS file"),
        (b"<!DOCTYPE html><html><table></table></html>", "a web page"),
        (b"\x1f\x8b\x08 gzip", "an archive"),
        (b'[\n "CRN": 1\n]', "prose"),
        (b"\xef\xbb\xbf{\\rtf1 x}", "a letter or another text in Rich Text Format"),
        (b"\r\n%PDF-1.7\r\n%\xe2\xe3\r\nendobj\r\n", "a PDF"),
        (b"X" * 40 + b"EBCDIC SPSS PORT FILE" + b" " * 80, "an SPSS portable file"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(40), "a database"),
        (b"s\x02\x01\x00\x03\x00" + bytes(60), "a Stata file"),
        (b"\x03\x78\x01\x0d\x05\0\0\0\x61\0\x20\0" + bytes(60), "a dBASE file"),
        (b"name.csv" + bytes(249) + b"ustar\x0000" + bytes(300), "an archive"),
        (b"BM\x00\x01" + bytes(60), "a picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a picture, a sound or a film"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a picture, a sound or a film"),
        (b"\x1f\x9d\x90\x01\x02", "an archive"),
        (b"\x78\x9c\x01\x02", "an archive"),
        (b"FEA1" + bytes(60), "an Arrow file"),
        (b"\x89HDF\r\n\x1a\n\0\0", "an HDF5 file"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "an encrypted message"),
        (b"\x85\x02\x0c\x03\x01\x02", "an encrypted message"),
        (b"BEGIN:VCARD\r\nFN:Persephone\r\n", "an address card"),
        (b"From sam@example.org Mon Jan 13 2020\nFrom: Sam\n\nhi\n", "an e-mail"),
        (b"ARC-Seal: i=1; " + b"a" * 5000 + b"\r\nFrom: Sam\r\n", "an e-mail"),
        (b"\xff\xfe\x00\x00C\0\0\0", "in an unknown encoding"),
    ],
)
def test_a_file_is_called_what_it_is(
    reader: DropReader, tmp_path: Path, data: bytes, what: str
) -> None:
    assert what in sentence(reader, tmp_path / "drop", data)


@pytest.mark.parametrize("header", ["BM", "ORC", "RIFF", "ID3", "MSCF", "FEA1", "qrs"])
def test_a_text_that_begins_as_another_kind_of_file_does_is_read(read: Read, header: str) -> None:
    data = csv_bytes((header, *HEADER), ("x", *ROW))
    assert read(data).columns["crn"] == ["A000001"]
    assert read(data.decode().encode("utf-16")).columns["crn"] == ["A000001"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Dear colleague,\nhere they are.\nForm:\nit went well\n", "prose"),
        ('{\n "fields": ["id"],\n "form": [\n  1\n ]\n}\n', "JSON"),
        ("From: someone@example.org\nSubject: forms\n\nForm\n----\nwell done\n", "an e-mail"),
        ('[\n["Form", "Role"],\n["1", "Facilitator"]\n]\n', "JSON"),
        ("Notes\n\nForm, Role\n\nIt was agreed, by all\nNext time, in May\n", "prose"),
        ("Thank you, as ever\nForm, Role\nAs I said, we met\nHe left, for home\n", "prose"),
        ("Hello\nForm,Role\nI think, on the whole\nNext time, more\nBye, Sam\n", "prose"),
        ("Hi\n\n-----Original Message-----\nForm,Role\n1,Facilitator\n", "an e-mail"),
        ("---------- Forwarded message ---------\nForm,Role\n1,Facilitator\n", "an e-mail"),
        ("See below.\nFrom: Sam\nSubject:\n\nForm,Role\n1,Facilitator\n", "an e-mail"),
        ("From: Sam\nSubject: forms\n\nHi both,\n\nForm,Role\n1,Facilitator\n", "an e-mail"),
        ("From: Sam\nSubject: forms\n\nForm,Role\n1,Facilitator\n\nThanks\nSam\n", "an e-mail"),
        ("From: Sam\nTo: s@example.org\nSubject: x\nForm,Role\n1,Facilitator\n", "an e-mail"),
        ("From: Sam\nDate: 1 May 20, 10:15\nSubject: x\nForm,Role\n1,Trainer\n", "an e-mail"),
        ("From: Sam\nSubject: forms\nForms,Roles\n1,Facilitator\n", "an e-mail"),
        (
            f"From: Sam\nSubject: x\n\nForm,Role\n1,a\n2,b\n{'As I said. ' * 9}\nThanks\n",
            "an e-mail",
        ),
        ("From: Sam\nSubject: x\nForm,Role\nRegards,\nSam,\nLead,\nThe team,\n", "an e-mail"),
        ("From: Sam\nMIME-Version: 1.0\nSubject: x\n\nForm,Role\n1,a\n2,b\n3,c\n", "an e-mail"),
        ("# rows\n['Form', 'Role']\n['1', 'Facilitator']\n", "the text of a program"),
        ("rows = (\n(Form, Role),\n(1, Facilitator),\n", "the text of a program"),
    ],
)
def test_prose_and_json_in_which_a_line_happens_to_be_a_header_are_no_tables(
    reader: DropReader, tmp_path: Path, text: str, what: str
) -> None:
    said = sentence(reader, tmp_path / "drop", text.encode(), columns=ANONYMOUS)
    assert f"not a table but {what}" in said


@pytest.mark.parametrize(
    "text",
    [
        "From: 01/01/2020\nTo: 31/01/2020\nSubject: forms\n\nForm,Role\n1,Trainer\n",
        "Subject: forms,\nTo: the unit,\nForm,Role\n1,Trainer\n",
        "From: the trainers\nTo: the unit\nSubject: forms\nForm,Role\n1,Trainer\n",
        "From: Trainers,\nDate: 3 May 2020,\nSubject: forms,\n,\nForm,Role\n1,Trainer\nEnd,\n",
        "Report: forms\nFrom: 1 May 2020\nSubject: all\nPosition at: 3 May\nForm,Role\n1,Trainer\n",
        "[Form],[Role]\n1,Trainer [all day]\n",
        "Form, Role\n1, Trainer\n2, Manager, of a team\n",
        "Form,Role\n1,Trainer\nKind regards, Sam\n",
    ],
)
def test_titles_brackets_and_a_blank_after_each_comma_make_no_table_prose(
    read: Read, text: str
) -> None:
    assert read(text.encode(), columns=ANONYMOUS).columns["role"][0][:7] == "Trainer"  # type: ignore[index]


def test_a_table_written_with_a_blank_after_each_comma_is_a_table(read: Read) -> None:
    lines = ["CRN, Borough, Session"]
    lines += [f"A00000{n}, Brent, {n}" for n in range(1, 4)]
    assert len(read("\n".join(lines).encode() + b"\n").row_numbers) == 3
    lines = ["Borough, CRN, Session", *[f"Tower Hamlets, A00000{n}, {n}" for n in range(1, 4)]]
    assert len(read("\n".join(lines).encode() + b"\n").row_numbers) == 3


@pytest.mark.parametrize(
    "titles",
    [
        "From: London CRC\nSubject: Court outcomes\n",
        "From: London CRC\nTo: 31 January 2020\nSubject: Court outcomes\n\n",
        "From: London CRC\nDate: 03/02/2020 10:15\nSubject: Court outcomes\n",
        "Subject: Court outcomes\nFrom: data@nps.example\nSent: Monday\n",
    ],
)
@pytest.mark.parametrize("footer", ["", "Thank you for your help\n", "Please see the guidance\n"])
@pytest.mark.parametrize("rows", [2, 40])
def test_a_table_below_a_header_is_a_table_whatever_its_titles_and_its_footer_say(
    read: Read, titles: str, footer: str, rows: int
) -> None:
    table = csv_bytes(HEADER, *[ROW] * rows, end="\n").decode()
    drop = read((titles + table + footer).encode())
    assert drop.columns["crn"][:rows] == ["A000001"] * rows
    assert len(drop.row_numbers) == rows + bool(footer)


def test_a_table_of_other_columns_with_such_titles_says_which_one_is_missing(
    reader: DropReader, tmp_path: Path
) -> None:
    titles = b"From: London CRC\nDate: 03/02/2020 10:15\nSubject: Court outcomes\n"
    rows = csv_bytes(("CRN", "Session", "Court"), *[("A000001", "3", "Highbury Corner")] * 3)
    assert "no column 'Borough'" in sentence(reader, tmp_path / "drop", titles + rows)
