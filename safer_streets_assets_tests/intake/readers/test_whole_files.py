"""A file is read whole or refused whole: nothing of it is lost or misread in silence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from safer_streets_assets.intake.readers import DropReader, UnreadableDrop, WantedColumn
from safer_streets_assets.intake.readers.position import date_in
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    add_to_sheet,
    csv_bytes,
    ods_bytes,
    repack,
    request_for,
    xls_book,
    xlsx_bytes,
)
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

ROWS = [(f"A00000{n}", "Brent", str(n)) for n in range(1, 8)]
OTHER = ("Borough", "CRN", "Session")
ANONYMOUS = (WantedColumn("form", ("Form",), True), WantedColumn("role", ("Role",), False))


def sentence(reader: DropReader, path: Path, data: bytes, **changes: object) -> str:
    """The sentence with which these bytes are refused."""
    path.write_bytes(data)
    with pytest.raises(UnreadableDrop) as refusal:
        reader.read(request_for(path, **changes))
    return str(refusal.value)


@pytest.mark.parametrize("above", [1, 3])
def test_a_header_that_was_sorted_into_the_data_is_refused_with_the_row_above_it(
    reader: DropReader, tmp_path: Path, above: int
) -> None:
    lines = [*ROWS[:above], HEADER, *ROWS[above:]]
    for data in (csv_bytes(*lines), xlsx_bytes({"Data": lines}), ods_bytes(lines)):
        said = sentence(reader, tmp_path / "drop", data)
        assert said.startswith("Rows of data stand above the header (row 1)")


@pytest.mark.parametrize(
    "above",
    [
        ("Position at 31/01/2020", "", ""),
        ("Prepared by", "A. N. Other", ""),
        ("Reference number", "Where they live", "How many so far (1-12)"),
        ("", "", "3"),
    ],
)
def test_titles_and_a_second_line_of_headings_above_the_header_are_no_data(
    read: Read, above: tuple[str, ...]
) -> None:
    assert read(csv_bytes(above, HEADER, *ROWS)).row_numbers == list(range(3, 10))


def test_another_header_further_down_is_refused_and_the_same_one_is_a_row(
    reader: DropReader, read: Read, tmp_path: Path
) -> None:
    below = [(borough, crn, session) for crn, borough, session in ROWS]
    for second in (OTHER, tuple(map(str.lower, OTHER)), ("", *HEADER)):
        lines = [HEADER, *ROWS, second, *below]
        for data in (csv_bytes(*lines), xlsx_bytes({"Data": lines})):
            said = sentence(reader, tmp_path / "drop", data)
            assert said.startswith("A second header with other columns stands further down (row 9)")
    assert len(read(csv_bytes(HEADER, *ROWS, HEADER, *ROWS)).row_numbers) == 15


MANY = tuple(
    WantedColumn(name, headings, required)
    for name, headings, required in (
        ("crn", ("CRN", "Case number"), True),
        ("date", ("Sentence date",), True),
        *((f"f{n}", (f"Column {letter}",), False) for n, letter in enumerate("ABCDEFGHIJ")),
    )
)


@pytest.mark.parametrize(
    "second",
    [
        ("CRN", "Sentence date", "Column C", "Column B"),
        (" crn ", "SENTENCE  DATE", "column_c", "Column-B"),
        ("Case number", "Sentence date", "Column B"),
        ("Sentence date", "CRN"),
        ("Column A", "Column B"),
        ("CRN", "Sentence date", "Something else", "Column B"),
        ("CRN", "Something", "Sentence date", "Else", "More", "And", "Column B"),
        ("\uff23RN", "Sentence\u00a0date", "Column B"),
    ],
)
def test_a_second_header_of_few_columns_in_any_spelling_and_order_is_refused(
    reader: DropReader, tmp_path: Path, second: tuple[str, ...]
) -> None:
    header = tuple(column.headers[0] for column in MANY)
    rows = [(f"A00000{n}", "13/01/2020", *"0123456789") for n in range(9)]
    lines = [header, *rows, (*second, *[""] * (len(header) - len(second))), *rows]
    for data in (csv_bytes(*lines), xlsx_bytes({"Data": lines})):
        said = sentence(reader, tmp_path / "drop", data, columns=MANY)
        assert said.startswith("A second header with other columns stands further down (row 11)")


def test_a_page_header_and_words_of_headings_in_texts_are_no_second_header(read: Read) -> None:
    header = tuple(column.headers[0] for column in MANY)
    rows = [(f"A00000{n}", "13/01/2020", "Column A", "Column B", *"23456789") for n in range(9)]
    page = tuple(map(str.upper, header))
    lines = [header, *rows, page, *rows]
    assert len(read(csv_bytes(*lines), columns=MANY).row_numbers) == 19


def test_a_text_cut_short_in_its_last_row_is_refused_and_one_without_a_last_line_end_is_not(
    code_of: CodeOf, read: Read
) -> None:
    whole = csv_bytes(HEADER, *ROWS).rstrip(b"\r\n")
    assert len(read(whole).row_numbers) == 7
    assert code_of(whole[:-2]) == "F-BROKEN"
    assert code_of(b"\xff\xfe" + whole[:-2].decode().encode("utf-16-le")) == "F-BROKEN"


def test_letters_of_two_encodings_in_one_text_are_refused(code_of: CodeOf, read: Read) -> None:
    text = csv_bytes(HEADER, ("A000001", "Zoë", "1"), ("A000002", "Zoë", "2"))
    assert code_of(text.replace("ë".encode(), b"\xeb", 1)) == "F-ENCODING"
    assert read(text.decode().encode("cp1252")).columns["borough"] == ["Zoë", "Zoë"]


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
        "[Form],[Role]\n1,Trainer [all day]\n",
        "Form, Role\n1, Trainer\n2, Manager, of a team\n",
        "Form,Role\n1,Trainer\nKind regards, Sam\n",
    ],
)
def test_titles_brackets_and_a_blank_after_each_comma_make_no_table_prose(
    read: Read, text: str
) -> None:
    assert read(text.encode(), columns=ANONYMOUS).columns["role"][0][:7] == "Trainer"  # type: ignore[index]


def test_several_sheets_with_the_agreed_columns_are_refused_by_number_unless_they_say_the_same(
    reader: DropReader, read: Read, tmp_path: Path
) -> None:
    lines = [HEADER, *ROWS]
    data = xlsx_bytes({"Draft": lines, "Notes": [("hello",)], "Final": lines[:-1]})
    said = sentence(reader, tmp_path / "drop", data)
    assert "(sheet 1, sheet 3)" in said
    assert len(read(xlsx_bytes({"January": lines, "Copy": lines})).row_numbers) == 7
    assert len(read(xlsx_bytes({"January": lines, "February": [HEADER]})).row_numbers) == 7


@pytest.mark.parametrize(
    "more",
    [
        [HEADER, *ROWS[:3]],
        [("Session", "CRN", "Borough"), ("3", "A000009", "Brent")],
        [("CRN", "Area", "Session"), ("A000009", "Brent", "3")],
        [("", "", ""), ("A000009", "Brent", "3")],
    ],
)
def test_a_sheet_with_more_rows_beside_the_agreed_one_is_refused_by_number(
    reader: DropReader, tmp_path: Path, more: list[tuple[str, ...]]
) -> None:
    sheets = {"Guidance": [("CRN", "one letter")], "Data": [HEADER, *ROWS], "Data (2)": more}
    for name in ("Data", None):
        said = sentence(reader, tmp_path / "drop", xlsx_bytes(sheets), sheet=name)
        assert "(sheet 2, sheet 3)" in said


@pytest.mark.parametrize(
    "other",
    [
        [HEADER, *ROWS],
        [HEADER],
        [HEADER, ("X", "Y", "Z")],
        [("Code", "Means"), ("01", "lives elsewhere"), ("02", "moved")],
        [("Borough", "People"), ("Brent", 7)],
        [("The CRN", "is a letter", "and 6 digits")],
    ],
)
def test_a_sheet_that_says_the_same_or_has_no_rows_of_data_does_not_matter(
    read: Read, other: list[tuple[object, ...]]
) -> None:
    book = xlsx_bytes({"Other": other, "Data": [HEADER, *ROWS]})
    assert len(read(book, sheet="Data").row_numbers) == 7


def test_numbers_of_columns_above_the_header_are_no_data(read: Read) -> None:
    rows = [("1", "10", str(n)) for n in range(1, 8)]
    for above in (("1", "2", "3"), ("7", "7", "7"), ("A", "B", "C")):
        assert len(read(csv_bytes(above, HEADER, *rows)).row_numbers) == 7


def test_the_agreed_sheet_and_formats_are_named(reader: DropReader, tmp_path: Path) -> None:
    path = tmp_path / "drop"
    data = xlsx_bytes({"Data": [HEADER, ROW]})
    assert "'Eligibility'" in sentence(reader, path, data, sheet="Eligibility")
    assert "CSV, ODS" in sentence(reader, path, data, formats=("csv", "ods"))


@pytest.mark.parametrize(("value", "code"), [(b"0", "F-FORMULA"), (b"", "F-FORMULA"), (b"7", None)])
def test_a_formula_never_computed_in_a_workbook_that_asks_for_it_is_refused(
    read: Read, code_of: CodeOf, value: bytes, code: str | None
) -> None:
    cell = b'<row r="3"><c r="A3"><f>A2</f><v>' + value + b"</v></c></row>"
    data = add_to_sheet(xlsx_bytes({"Data": [HEADER, ROW]}), cell)
    assert (code_of(data) if code else read(data) and None) == code
    computed = repack(data, lambda _, xml: xml.replace(b'fullCalcOnLoad="1"', b""))
    if value:
        assert read(computed).columns["crn"][1] == value.decode()


def test_cells_without_references_are_noted_where_they_stand(code_of: CodeOf, read: Read) -> None:
    def bare(name: str, xml: bytes) -> bytes:
        import re

        return re.sub(rb' r="[A-Z]*\d+"', b"", xml) if "sheet1" in name else xml

    error = b'<row r="3"><c r="A3" t="str"><v>A9</v></c><c r="B3" t="e"><v>#N/A</v></c></row>'
    data = add_to_sheet(xlsx_bytes({"Data": [HEADER, ROW]}), error)
    assert read(repack(data, bare)).columns["borough"] == ["Brent", "#N/A"]
    formula = b'<row r="3"><c r="A3"><f>A2</f></c></row>'
    data = add_to_sheet(xlsx_bytes({"Data": [HEADER, ROW]}), formula)
    assert code_of(repack(data, bare)) == "F-FORMULA"


def renamed(place: Callable[[str], str], change: Callable[[bytes], bytes] = bytes) -> bytes:
    """A workbook whose members have other names, and whose text was changed accordingly."""
    out = io.BytesIO()
    plain = xlsx_bytes({"Data": [HEADER, ROW]})
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(place(name), change(old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        renamed(lambda name: name.replace("/", "\\")),
        renamed(str.upper),
        renamed(
            lambda name: name.replace("xl/", "office/"),
            lambda xml: xml.replace(b"xl/", b"office/"),
        ),
        renamed(
            lambda name: name.replace("workbook.xml", "book.xml"),
            lambda xml: xml.replace(b"xl/workbook.xml", b"xl/book.xml"),
        ),
    ],
    ids=["backslashes", "upper case", "another folder", "another workbook part"],
)
def test_a_workbook_is_found_by_its_relationships_whatever_its_members_are_called(
    read: Read, data: bytes
) -> None:
    assert read(data).columns["crn"] == ["A000001"]


def test_a_sheet_that_is_not_the_agreed_one_may_be_wide_or_hold_formulas(read: Read) -> None:
    wide = tuple(f"month {n}" for n in range(400))
    data = xlsx_bytes({"Cross-table": [wide, wide], "Data": [HEADER, ROW]})
    assert read(data).columns["crn"] == ["A000001"]
    formula = (
        '</table:table><table:table table:name="Sums"><table:table-row><table:table-cell '
        'table:formula="of:=1+1"/></table:table-row>'
    )
    assert read(ods_bytes([HEADER, ROW], formula)).columns["crn"] == ["A000001"]


def test_an_ods_without_a_member_that_says_so_is_read(read: Read) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(ods_bytes([HEADER, ROW]))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        kind = old.read("mimetype")
        new.writestr("content.xml", old.read("content.xml"))
        new.writestr("META-INF/manifest.xml", b"<manifest>" + kind + b"</manifest>")
    assert read(out.getvalue()).columns["crn"] == ["A000001"]


@pytest.mark.parametrize("code_page", [1252, 367, 1200])
def test_an_xls_whose_code_page_denies_its_unicode_is_read_without_nuls(
    read: Read, code_page: int
) -> None:
    cells = {(r, c): text for r, row in enumerate((HEADER, ROW)) for c, text in enumerate(row)}
    assert read(xls_book(cells, code_page=code_page)).columns["borough"] == ["Brent"]


def test_a_workbook_of_excel_95_is_read(read: Read) -> None:
    cells = {(r, c): text for r, row in enumerate((HEADER, ROW)) for c, text in enumerate(row)}
    assert read(xls_book(cells, excel_95=True)).columns["crn"] == ["A000001"]


def test_an_encrypted_workbook_cut_short_is_called_so(reader: DropReader, tmp_path: Path) -> None:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for number in range(400):
        book.active.append([number * 7919, f"text {number}"])
    plain = io.BytesIO()
    book.save(plain)
    msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("p", out)
    whole = out.getvalue()
    said = sentence(reader, tmp_path / "drop", whole[: len(whole) * 2 // 3])
    assert "cut short" in said


def test_an_spss_file_with_a_variable_twice_is_refused(code_of: CodeOf, tmp_path: Path) -> None:
    path = tmp_path / "made.sav"
    pyreadstat.write_sav(
        pd.DataFrame([("a", "b", "c", 1)], columns=["CRN", "CRX", "Borough", "n"]), path
    )
    assert code_of(path.read_bytes().replace(b"CRX", b"CRN")) == "F-DUPLICATE-HEADER"


@pytest.mark.parametrize(
    "title",
    [
        "Position at 31 January 2020",
        "31st of January, 2020",
        "as at 31.01.2020",
        "2020-01-31",
        "31-Jan-2020",
        "31/01/20",
        "January 31, 2020",
        "Eligibility January 2020",
        "31JAN2020",
        "20200131",
        "Data to Friday 31 Jan '20",
        "2020/01/31 00:00",
        "31012020",
        "Jan-20",
        "Position: Jan '20",
        "01/31/2020",
        "1/31/20",
        "31_01_2020",
        "CRC_20200131",
        "Position at 43861",
        "Printed 02/02/2020. Position at 31/01/2020",
        "v2.1.20, data as at 31/01/2020",
        "Position at 31/01/2020 (supersedes 31 December 2019)",
        "Version 1.2.20 of 31/01/2020: w/e 31/01/2020",
        "Supersedes position at 31/12/2019; now position at 31/01/2020",
        "from 01/01/2020 to 31/01/2020",
        "This replaces what was sent. Position at 31/01/2020",
        "Report of 02/02/2020, position 31/01/2020",
    ],
)
def test_a_position_date_is_read_in_any_form_people_write(title: str) -> None:
    assert date_in(title) == date(2020, 1, 31)


@pytest.mark.parametrize(
    "title",
    [
        "31 June 2020",
        "Report 12 of 2020",
        "Mayor 2020",
        "Page 1/2",
        "v2.1.20",
        "Version 2.1.20",
        "CRC return v.2.1.20",
        "Printed 05/12/2019",
        "Supersedes 31/10/2019",
        "Supersedes 31/10/2019 and 30/09/2019",
        "replaces the position at 31 October 2019",
        "Rows: 43861",
        "43861",
        "Nov 19",
        "13/13/2019",
        "99992019",
    ],
)
def test_what_is_no_date_is_no_position(title: str) -> None:
    assert date_in(title) is None
