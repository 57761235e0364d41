"""Workbooks: typed cells, sheets, and what a hostile or careless one may hold."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, time

import msoffcrypto.format.ooxml
import pytest

from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.intake.readers.headers import HEADER_ROWS
from safer_streets_assets.intake.readers.packed import Archive
from safer_streets_assets.intake.readers.sheets import check_sheet
from safer_streets_assets_tests.intake.readers.builders import (
    COLUMNS,
    HEADER,
    LIMITS,
    ROW,
    add_to_sheet,
    ods_bytes,
    ods_cell,
    protected_xls,
    repack,
    shown,
    xls_bytes,
    xlsx_bytes,
)
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

PLAIN = xlsx_bytes({"Data": [HEADER, ROW]})
XLS_CELLS = {(r, k): cell for r, row in enumerate((HEADER, ROW)) for k, cell in enumerate(row)}


def encrypted(workbook: bytes, password: str) -> bytes:
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(workbook)).encrypt(password, out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (30, "30"),
        (30.0, "30"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.3"),
        (-1.0, "-1"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2019, 11, 5), "2019-11-05"),
        (datetime(2019, 11, 5, 13, 4, 5), "2019-11-05T13:04:05"),
        (datetime(2019, 11, 5), "2019-11-05"),
        (time(13, 4), "13:04:00"),
        ("00826", "00826"),
        ("  x ", "x"),
        ("#N/A", "#N/A"),
        (None, None),
        ("   ", None),
    ],
)
def test_typed_cells_become_text(read: Read, cell: object, expected: str | None) -> None:
    drop = read(xlsx_bytes({"Data": [HEADER, ("A", "B", cell)]}))
    assert drop.format == "xlsx"
    assert drop.columns["session"] == [expected]


def test_title_rows_above_the_header_give_the_position_date_and_count_as_rows(read: Read) -> None:
    title = [("OFFICIAL",), ("Position at 30 November 2019",), ()]
    drop = read(xlsx_bytes({"Data": [*title, HEADER, ROW, (None,) * 3, ROW]}))
    assert drop.row_numbers == [5, 7]
    assert drop.position_date == date(2019, 11, 30)


def test_a_date_cell_above_the_header_is_the_position_date(read: Read) -> None:
    drop = read(xlsx_bytes({"Data": [("Position", date(2020, 1, 31)), HEADER, ROW]}))
    assert drop.position_date == date(2020, 1, 31)


def test_the_named_sheet_is_read_whatever_its_case(read: Read) -> None:
    data = xlsx_bytes({"Old": [HEADER, ("X", "Y", "Z")], "Eligibility ": [HEADER, ROW]})
    assert read(data, sheet="ELIGIBILITY").columns["crn"] == ["A000001"]


def test_without_a_name_the_first_visible_sheet_with_the_header_is_read(read: Read) -> None:
    sheets: dict[str, list[tuple[str, ...]]] = {
        "Guidance": [("CRN is a number",)],
        "Old": [HEADER, ("X", "Y", "Z")],
        "Data": [HEADER, ROW],
    }
    assert read(xlsx_bytes(sheets, hidden=["Old"])).columns["crn"] == ["A000001"]


def test_dropped_columns_of_a_workbook_are_named(read: Read) -> None:
    rows = [(*HEADER, "Team", None, None), (*ROW, "t", None, "loose")]
    assert shown(read(xlsx_bytes({"Data": rows}))) == ("Team", "column 6 (no heading)")


def test_an_unnamed_empty_column_is_not_reported(read: Read) -> None:
    assert shown(read(xlsx_bytes({"Data": [("Title", *[""] * 8), HEADER, ROW]}))) == ()


@pytest.mark.parametrize("sheet", [None, "Data"])
def test_data_only_on_a_hidden_sheet_is_refused(code_of: CodeOf, sheet: str | None) -> None:
    data = xlsx_bytes({"Front": [("hello",)], "Data": [HEADER, ROW]}, hidden=["Data"])
    assert code_of(data, sheet=sheet) == "F-HIDDEN"


def test_an_unknown_sheet_name_is_refused(code_of: CodeOf) -> None:
    assert code_of(PLAIN, sheet="Eligibility") == "F-NO-SHEET"


def test_the_columns_missing_from_the_closest_sheet_are_named(read: Read) -> None:
    with pytest.raises(UnreadableDrop) as refusal:
        read(xlsx_bytes({"Guidance": [("x",)], "Data": [("CRN", "Session"), ("A", 1)]}))
    assert (refusal.value.code, refusal.value.headers) == ("F-NO-COLUMN", ("Borough",))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "F-EMPTY"),
        ([HEADER], "F-EMPTY"),
        ([HEADER, (None, " ", None)], "F-EMPTY"),
        ([(*HEADER, "crn"), (*ROW, "x")], "F-DUPLICATE-HEADER"),
        ([HEADER, ("A", "x" * 1001, "1")], "F-LONG-CELL"),
        ([HEADER, ("A", "=1+1", "1")], "F-FORMULA"),
    ],
)
def test_unusable_sheets_are_refused(
    code_of: CodeOf, rows: list[tuple[object, ...]], code: str
) -> None:
    assert code_of(xlsx_bytes({"Data": rows})) == code


def test_an_uncalculated_formula_where_nothing_is_needed_is_no_matter(read: Read) -> None:
    rows = [("=1+1", "Title"), (*HEADER, "Other"), (*ROW, "=2+2")]
    assert read(xlsx_bytes({"Data": rows})).columns["crn"] == ["A000001"]


def test_the_stored_result_of_a_formula_is_read_an_empty_text_too(read: Read) -> None:
    row = (
        b'<row r="3"><c r="A3" t="str"><f>"B"&amp;1</f><v>B1</v></c>'
        b'<c r="B3" t="str"><f>IF(1,"","x")</f><v></v></c></row>'
    )
    drop = read(add_to_sheet(PLAIN, row))
    assert (drop.columns["crn"][1], drop.columns["borough"][1]) == ("B1", None)


@pytest.mark.parametrize("reference", [b"XFD1048576", b"A1048576", b"XFD20000", b"xfd1048576"])
def test_a_stray_cell_far_away_is_refused_before_it_is_parsed(
    code_of: CodeOf, reference: bytes
) -> None:
    cell = b'<row r="3"><c s="0" r="' + reference + b'"><v>1</v></c></row>'
    assert code_of(add_to_sheet(PLAIN, cell)) == "F-TOO-LARGE"


@pytest.mark.parametrize(
    ("reference", "limits", "beyond"),
    [
        (b"KN2", {"max_columns": 300}, False),
        (b"KO2", {"max_columns": 300}, True),
        (b"Z2", {"max_columns": 26}, False),
        (b"AA2", {"max_columns": 26}, True),
        (b"E2", {"max_columns": 5}, False),
        (b"F2", {"max_columns": 5}, True),
        (b"A999", {"max_rows": 998 - HEADER_ROWS}, True),
        (b"A998", {"max_rows": 998 - HEADER_ROWS}, False),
    ],
)
def test_a_cell_at_the_limit_is_read_and_one_beyond_it_is_not(
    reference: bytes, limits: dict[str, int], beyond: bool
) -> None:
    xml = b'<row r="9"><c r="' + reference + b'"><v>1</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(add_to_sheet(PLAIN, xml))) as members:
        archive = Archive("xlsx", members, b"")
        member = next(name for name in members.namelist() if "worksheets/sheet" in name)
        notes = check_sheet(archive, member, replace(LIMITS, **limits), uncomputed=False)
    assert notes.too_large is beyond


def test_formatting_far_away_is_no_matter(read: Read) -> None:
    data = add_to_sheet(PLAIN, b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert read(data).columns["crn"] == ["A000001"]


def test_a_wrong_stated_dimension_is_no_matter(read: Read) -> None:
    data = repack(PLAIN, lambda name, xml: xml.replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"'))
    assert data != PLAIN
    assert read(data).columns["crn"] == ["A000001"]


def test_a_stray_cell_on_a_sheet_that_is_not_read_is_no_matter(read: Read) -> None:
    data = xlsx_bytes({"Guidance": [("x",)], "Data": [HEADER, ROW]})
    data = add_to_sheet(data, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert read(data, sheet="Data").columns["crn"] == ["A000001"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PLAIN[: len(PLAIN) // 2], "F-BROKEN"),
        (repack(PLAIN, lambda name, xml: xml[: len(xml) // 2]), "F-BROKEN"),
        (repack(PLAIN, extra={"xl/vbaProject.bin": b"x"}), "F-MACRO"),
        (repack(PLAIN, extra={"xl/macrosheets/sheet1.xml": b"x"}), "F-MACRO"),
        (repack(PLAIN, extra={"../../etc/cron.d/x": b"x"}), "F-UNSAFE-ZIP"),
        (repack(PLAIN, extra={"/etc/x": b"x"}), "F-UNSAFE-ZIP"),
        (repack(PLAIN, extra={"xl/Workbook.xml": b"x"}), "F-UNSAFE-ZIP"),
        (repack(PLAIN, extra={"big": b"\0" * 20_000_001}), "F-TOO-LARGE"),
        (repack(PLAIN, extra={f"n{k}": b"" for k in range(200)}), "F-TOO-LARGE"),
        (repack(PLAIN, lambda n, x: x.replace(b"<workbook", b"<!DOCTYPE a><workbook")), "F-BROKEN"),
    ],
)
def test_unsafe_and_broken_archives_are_refused(code_of: CodeOf, data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_an_archive_that_is_no_workbook_is_refused(code_of: CodeOf) -> None:
    def renamed(name: str) -> bytes:
        return repack(PLAIN, extra={name: b"x"}).replace(b"xl/workbook.xml", b"xl/workb00k.xml")

    assert code_of(renamed("word/document.xml")) == "F-FOREIGN"
    assert code_of(renamed("xl/workbook.bin")) == "F-FORMAT"


def test_a_macro_content_type_is_refused_whatever_the_members_are_called(code_of: CodeOf) -> None:
    data = repack(
        PLAIN,
        lambda name, xml: xml.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"),
    )
    assert code_of(data) == "F-MACRO"


def test_a_password_protected_workbook_opens_with_any_known_password(read: Read) -> None:
    drop = read(encrypted(PLAIN, "s3cret"), passwords=("wrong", "s3cret"))
    assert (drop.format, drop.columns["crn"]) == ("xlsx", ["A000001"])


@pytest.mark.parametrize("passwords", [(), ("wrong",)])
def test_without_the_password_it_is_refused(code_of: CodeOf, passwords: tuple[str, ...]) -> None:
    assert code_of(encrypted(PLAIN, "s3cret"), passwords=passwords) == "F-ENCRYPTED"


def test_what_was_encrypted_is_checked_all_the_same(code_of: CodeOf) -> None:
    macro = repack(PLAIN, extra={"xl/vbaProject.bin": b"x"})
    assert code_of(encrypted(macro, "p"), passwords=("p",)) == "F-MACRO"


def test_an_xls_workbook_is_read(read: Read) -> None:
    cells: dict[tuple[int, int], str | float] = {(0, k): name for k, name in enumerate(HEADER)}
    cells |= {(2, 0): "A000001", (2, 2): 3.0}
    drop = read(xls_bytes(cells))
    assert drop.format == "xls"
    assert drop.columns == {"crn": ["A000001"], "borough": [None], "session": ["3"]}
    assert drop.row_numbers == [3]


@pytest.mark.parametrize("password", ["p4ss", "VelvetSweatshop"])
def test_a_protected_xls_workbook_opens_with_its_password_or_the_one_excel_assumes(
    read: Read, password: str
) -> None:
    drop = read(protected_xls(XLS_CELLS, password), passwords=("wrong", "p4ss"))
    assert (drop.format, drop.columns["borough"]) == ("xls", ["Brent"])


def test_a_protected_xls_workbook_is_refused_without_its_password(code_of: CodeOf) -> None:
    assert code_of(protected_xls(XLS_CELLS, "p4ss"), passwords=("wrong",)) == "F-ENCRYPTED"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (xls_bytes({(0, 0): "CRN"}, extra=["_VBA_PROJECT_CUR"]), "F-MACRO"),
        (xls_bytes({(0, 0): "CRN"})[:1000], "F-BROKEN"),
        (xls_bytes({(0, 0): "CRN"}).replace(b"W\0o\0r\0k\0", b"X\0o\0r\0k\0"), "F-FOREIGN"),
        (xls_bytes({(0, 0): "CRN", (40_000, 250): "x"}), "F-TOO-LARGE"),
    ],
)
def test_unusable_xls_files_are_refused(code_of: CodeOf, data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_an_ods_workbook_is_read_with_the_empty_rows_an_office_program_writes(read: Read) -> None:
    tail = (
        '<table:table-row table:number-rows-repeated="1048574">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    drop = read(ods_bytes([HEADER, ROW], tail))
    assert (drop.format, drop.columns["borough"], drop.row_numbers) == ("ods", ["Brent"], [2])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (ods_bytes([HEADER, ROW], encrypted=True), "F-LOCKED"),
        (repack(ods_bytes([HEADER, ROW]), extra={"Basic/script-lc.xml": b"x"}), "F-MACRO"),
        (
            ods_bytes(
                [HEADER],
                '<table:table-row table:number-rows-repeated="1048575">'
                f"{ods_cell('x')}</table:table-row>",
            ),
            "F-TOO-LARGE",
        ),
        (
            ods_bytes(
                [HEADER],
                '<table:table-row table:number-rows-repeated="1048570"/>'
                f"<table:table-row>{ods_cell('x')}</table:table-row>",
            ),
            "F-TOO-LARGE",
        ),
        (
            ods_bytes(
                [HEADER],
                "<table:table-row>"
                + ods_cell("x", 'table:number-columns-repeated="16384"')
                + "</table:table-row>",
            ),
            "F-TOO-LARGE",
        ),
        (
            ods_bytes(
                [HEADER],
                '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>',
            ),
            "F-FORMULA",
        ),
    ],
)
def test_unusable_ods_files_are_refused(code_of: CodeOf, data: bytes, code: str) -> None:
    assert code_of(data) == code


PREFIXES: tuple[dict[str, str], ...] = (
    {"office": "o"},
    {"office": "o", "table": "t", "text": "x"},
    {"table": "text", "text": "table"},
    {"text": "table", "table": "text", "office": "calcext"},
)


def with_prefixes(data: bytes, prefixes: dict[str, str]) -> bytes:
    """An ODS workbook whose XML has other prefixes."""

    def change(name: str, content: bytes) -> bytes:
        if name != "content.xml":
            return content
        pattern = rf"(?<=[<\s/])({'|'.join(prefixes)})(?=:)|(?<=xmlns:)({'|'.join(prefixes)})(?==)"
        return re.sub(pattern, lambda found: prefixes[found[0]], content.decode()).encode()

    return repack(data, change)


@pytest.mark.parametrize("prefixes", PREFIXES)
def test_an_ods_workbook_is_read_whatever_prefixes_its_program_has(
    read: Read, code_of: CodeOf, prefixes: dict[str, str]
) -> None:
    empty = f'<table:table-row table:number-rows-repeated="2">{ods_cell("")}</table:table-row>'
    last = f"<table:table-row>{''.join(map(ods_cell, ('A000002', 'Brent', '4')))}</table:table-row>"
    drop = read(with_prefixes(ods_bytes([HEADER, ROW], empty + last), prefixes))
    assert (drop.columns["crn"], drop.row_numbers) == (["A000001", "A000002"], [2, 5])
    hidden = last.replace("<table:table-row>", '<table:table-row table:visibility="collapse">')
    assert code_of(with_prefixes(ods_bytes([HEADER, ROW], hidden), prefixes)) == "F-HIDDEN"
    formula = '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>'
    assert code_of(with_prefixes(ods_bytes([HEADER, ROW], formula), prefixes)) == "F-FORMULA"


def test_an_ods_workbook_is_read_whose_elements_have_the_default_namespace(read: Read) -> None:
    def change(name: str, content: bytes) -> bytes:
        if name != "content.xml":
            return content
        content = re.sub(rb"xmlns:table=(\S+)", rb"xmlns=\1 xmlns:table=\1", content)
        return re.sub(rb"(</?)table:", rb"\1", content)

    drop = read(repack(ods_bytes([HEADER, ROW]), change))
    assert drop.columns["crn"] == ["A000001"]


@pytest.mark.parametrize("data", [PLAIN, ods_bytes([HEADER, ROW]), xls_bytes({(0, 0): "CRN"})])
def test_a_workbook_is_refused_where_its_kind_is_not_agreed(code_of: CodeOf, data: bytes) -> None:
    assert code_of(data, formats=("csv",), columns=COLUMNS) == "F-FORMAT"
