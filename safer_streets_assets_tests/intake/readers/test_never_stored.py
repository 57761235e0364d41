"""Results that were never stored, errors of newer programs, and archives packed in unusual ways."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    add_to_sheet,
    ods_bytes,
    ods_cell,
    repack,
    xlsx_bytes,
)
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

PLAIN = xlsx_bytes({"Data": [HEADER, ROW]})
COMPUTED = repack(PLAIN, lambda _, xml: xml.replace(b'fullCalcOnLoad="1"', b""))


def with_row(cells: str, workbook: bytes = PLAIN) -> bytes:
    row = '<row r="3"><c r="A3" t="str"><v>A000009</v></c>' + cells + "</row>"
    return add_to_sheet(workbook, row.encode())


@pytest.mark.parametrize(
    "cell",
    [
        "<f><![CDATA[1<2]]></f>",
        "<!-- x --><f>1+2</f>",
        "<f>1+2</f><!-- x -->",
        "<f>1+2</f><v></v>",
        '<f>1+2</f><v xml:space="preserve"> </v>',
        "<f>1+2</f><v><![CDATA[]]></v>",
    ],
)
def test_a_formula_without_a_result_is_found_however_its_xml_is_written(
    code_of: CodeOf, cell: str
) -> None:
    for workbook in (PLAIN, COMPUTED):
        assert code_of(with_row(f'<c r="B3">{cell}</c>', workbook)) == "F-FORMULA"


@pytest.mark.parametrize(
    "cell", ['<c r="B3" t="str"><f>A1</f><v></v></c>', '<c r="B3"><f>1+6</f><v>0.0</v></c>']
)
@pytest.mark.parametrize(
    "stated", ['fullCalcOnLoad="true"', 'forceFullCalc="1"', 'calcCompleted="0"']
)
def test_an_empty_text_or_zero_is_no_result_where_the_workbook_was_not_computed(
    code_of: CodeOf, read: Read, cell: str, stated: str
) -> None:
    book = repack(PLAIN, lambda _, xml: xml.replace(b'fullCalcOnLoad="1"', stated.encode()))
    assert code_of(with_row(cell, book)) == "F-FORMULA"
    assert read(with_row(cell, COMPUTED)).columns["borough"][1] in (None, "0")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('office:value-type="string"/>', "F-FORMULA"),
        ('office:value-type="float"/>', "F-FORMULA"),
        ('office:value-type="date"></table:table-cell>', "F-FORMULA"),
        ("/>", "F-FORMULA"),
        ('office:value-type="string" office:string-value=""/>', None),
        ('office:value-type="string"><text:p>Brent</text:p></table:table-cell>', None),
        ('office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>', None),
    ],
)
def test_a_formula_of_an_ods_cell_without_a_value_is_refused(
    read: Read, code_of: CodeOf, cell: str, code: str | None
) -> None:
    formula = f'<table:table-cell table:formula="of:=IF([.A1]>1;1;2)" {cell}'
    tail = f"<table:table-row>{ods_cell('A000009')}{formula}{ods_cell('3')}</table:table-row>"
    data = ods_bytes([HEADER, ROW], tail)
    assert (code_of(data) if code else read(data) and None) == code


@pytest.mark.parametrize("xml", ["<![CDATA[A&B]]>", "A<!-- Persephone -->&amp;B"])
def test_text_in_cdata_and_around_comments_is_read(read: Read, xml: str) -> None:
    cell = f'<c r="B3" t="inlineStr"><is><t>{xml}</t></is></c>'
    assert read(with_row(cell)).columns["borough"] == ["Brent", "A&B"]
    tail = f"<table:table-row>{ods_cell('A9')}{ods_cell('x')}</table:table-row>".replace(
        "x<", f"{xml}<"
    )
    assert read(ods_bytes([HEADER, ROW], tail)).columns["borough"] == ["Brent", "A&B"]


@pytest.mark.parametrize(
    "error", ["#SPILL!", "#CALC!", "#BLOCKED!", "#GETTING_DATA", "#ERROR!", "#N/A"]
)
def test_an_error_of_any_program_is_read_as_its_text_and_the_other_rows_go_on(
    read: Read, error: str
) -> None:
    cell = f'<c r="B3" t="e"><v>{error}</v></c>'
    assert read(with_row(cell)).columns["borough"] == ["Brent", error]
    assert (
        read(with_row('<c r="B3" t="e"><v>Persephone</v></c>')).columns["borough"][1] == "#VALUE!"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_that_is_compressed_otherwise_is_read(read: Read, method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert read(out.getvalue()).columns["crn"] == ["A000001"]


def test_a_way_to_compress_that_is_not_known_here_is_said_so(code_of: CodeOf) -> None:
    # Method 9 in the header of each member and in the directory.
    data = re.sub(rb"(PK\x03\x04.{4})\x08\x00", b"\\1\x09\x00", PLAIN, flags=re.DOTALL)
    data = re.sub(rb"(PK\x01\x02.{6})\x08\x00", b"\\1\x09\x00", data, flags=re.DOTALL)
    assert code_of(data) == "F-UNSAFE-ZIP"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_xml_of_a_sheet_in_another_encoding_is_read(read: Read, encoding: str) -> None:
    def encoded(name: str, xml: bytes) -> bytes:
        if "sheet1" not in name and "workbook.xml" not in name:
            return xml
        body = re.sub(r"^<\?xml[^>]*\?>", "", xml.decode())
        stated = encoding if encoding.startswith("iso") else "UTF-16"
        return f'<?xml version="1.0" encoding="{stated}"?>{body}'.encode(encoding)

    row = '<c r="B3" t="inlineStr"><is><t>Café</t></is></c>'
    assert read(repack(with_row(row), encoded)).columns["borough"] == ["Brent", "Café"]


@pytest.mark.parametrize("left_out", ["mimetype", "META-INF/manifest.xml", "both", "case"])
def test_an_ods_workbook_without_its_kind_or_manifest_is_read(
    read: Read, code_of: CodeOf, left_out: str
) -> None:
    def packed(data: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                if name != left_out and (left_out != "both" or name == "content.xml"):
                    new.writestr(name.upper() if left_out == "case" else name, old.read(name))
        return out.getvalue()

    assert read(packed(ods_bytes([HEADER, ROW]))).columns["crn"] == ["A000001"]
    if left_out in ("mimetype", "case"):
        assert code_of(packed(ods_bytes([HEADER, ROW], encrypted=True))) == "F-LOCKED"
