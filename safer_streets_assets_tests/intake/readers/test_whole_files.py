"""A file is read whole or refused whole: nothing of it is lost or misread in silence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from safer_streets_assets.intake.readers import DropReader, GuidanceSheet, WantedColumn
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    add_to_sheet,
    csv_bytes,
    ods_bytes,
    repack,
    sentence,
    xls_book,
    xlsx_bytes,
)
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

ROWS = [(f"A00000{n}", "Brent", str(n)) for n in range(1, 8)]
OTHER = ("Borough", "CRN", "Session")


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


@pytest.mark.parametrize(
    "row",
    [
        ("A000009", "14/01/2020", "Column A", "Column B"),
        ("A000009", "", "Column A"),
        ("A000009", "Column A", "Column B", "Column C"),
    ],
)
def test_a_short_row_with_words_of_headings_is_a_row(read: Read, row: tuple[str, ...]) -> None:
    header = tuple(column.headers[0] for column in MANY)
    rows = [(f"A00000{n}", "13/01/2020", *"0123456789") for n in range(9)]
    lines = [header, *rows, (*row, *[""] * (len(header) - len(row)))]
    for data in (csv_bytes(*lines), xlsx_bytes({"Data": lines})):
        assert len(read(data, columns=MANY).row_numbers) == 10


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
        [("CRN", "S1", "S2"), ("A000001", "Y", "Y")],
        [("Borough", "Nov 19", "Dec 19"), ("Brent", 3, 4)],
        [("Borough", "Session"), ("Brent", 7), ("Ealing", 3)],
        [("", "Borough", "Session"), ("n", 30, 29)],
    ],
)
def test_a_sheet_that_says_the_same_or_has_no_rows_of_data_does_not_matter(
    read: Read, other: list[tuple[object, ...]]
) -> None:
    book = xlsx_bytes({"Other": other, "Data": [HEADER, *ROWS]})
    assert len(read(book, sheet="Data").row_numbers) == 7


GUIDES = {
    "guidance_sheets": tuple(shipped_policy().dpia.intake.guidance_sheets.names),
    "most_examples": shipped_policy().dpia.intake.guidance_sheets.most_rows,
}
EXAMPLES = [("A00010" + str(n), "Ealing", "4") for n in range(1, 6)]


@pytest.mark.parametrize("sheet", ["Data", None])
@pytest.mark.parametrize(
    "name", ["Guidance", "GUIDANCE ", "How to fill-in", "Example rows", "sample rows", "Specimen"]
)
def test_a_sheet_of_guidance_with_examples_beside_the_one_of_the_data_is_left_out_and_told(
    read: Read, name: str, sheet: str | None
) -> None:
    lines = [("One row a case",), HEADER, *EXAMPLES[:2], ("One letter",), (), ("x",)]
    drop = read(xlsx_bytes({name: lines, "Data": [HEADER, *ROWS]}), sheet=sheet, **GUIDES)
    assert (len(drop.row_numbers), drop.sheet) == (7, 2)
    assert drop.guidance == (GuidanceSheet(1, 2),)


@pytest.mark.parametrize(
    ("name", "rows", "sheet"),
    [
        ("Guidance", EXAMPLES[:4], "Data"),
        ("Guidance", EXAMPLES[:4], None),
        ("Guidance (2)", EXAMPLES[:1], "Data"),
        ("Data (2)", EXAMPLES[:1], None),
        ("Sample", EXAMPLES[:1], None),
        ("Template", EXAMPLES[:1], "Data"),
    ],
)
def test_a_sheet_of_more_rows_or_with_a_name_that_may_be_of_data_is_no_guidance(
    reader: DropReader, tmp_path: Path, name: str, rows: list[tuple[str, ...]], sheet: str | None
) -> None:
    book = xlsx_bytes({"Data": [HEADER, *ROWS], name: [HEADER, *rows]})
    said = sentence(reader, tmp_path / "drop", book, sheet=sheet, **GUIDES)
    assert "(sheet 1, sheet 2)" in said


def test_examples_are_never_read_for_a_sheet_of_the_data_without_a_row(
    code_of: CodeOf, read: Read
) -> None:
    book = {"Examples": [HEADER, *EXAMPLES[:1]], "January": [HEADER]}
    assert code_of(xlsx_bytes(book), **GUIDES) == "F-EMPTY"
    book |= {"January": [("Nobody was sentenced in January",)]}
    assert code_of(xlsx_bytes(book), **GUIDES) == "F-EMPTY"
    assert len(read(xlsx_bytes({"Notes": [HEADER, *ROWS[:2]]}), **GUIDES).row_numbers) == 2


def test_a_sheet_with_a_name_of_guidance_and_more_rows_than_examples_is_one_of_the_data(
    code_of: CodeOf, read: Read
) -> None:
    drop = read(xlsx_bytes({"Notes": [HEADER, *ROWS], "Example": [HEADER, EXAMPLES[0]]}), **GUIDES)
    assert (len(drop.row_numbers), drop.guidance) == (7, (GuidanceSheet(2, 1),))
    two = {"Notes": [HEADER, *ROWS[:2]], "Example": [HEADER, EXAMPLES[0]]}
    assert code_of(xlsx_bytes(two), **GUIDES) == "F-EMPTY"


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
