"""XLSX workbooks: where the data stands, what it is typed as, and what the workbook hides."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from safer_streets_assets_tests.builders import CRC, CRC_ROW
from safer_streets_assets_tests.intake.any_file.cases import Group
from safer_streets_assets_tests.intake.any_file.people import OUTSIDE, People, grid, place_of
from safer_streets_assets_tests.intake.readers.builders import repack
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group("xlsx")
_add = GROUP.add
Change = Callable[[Workbook, Worksheet], None]
Lines = Sequence[Sequence[Any]]

FRONT: Lines = [["Guidance for", word("guidance")], ["One line for each case"]]


def xlsx(lines: Lines, change: Change = lambda book, sheet: None, title: str = "Data") -> bytes:
    """Rows of cells as a workbook with one sheet, which `change` may change."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for line in lines:
        sheet.append(list(line))
    change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def in_sheet(workbook: bytes, old: bytes, new: bytes, how_often: int = 1) -> bytes:
    """The workbook with some XML of its first sheet replaced, which has to be there."""

    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        assert old in content
        return content.replace(old, new, how_often)

    return repack(workbook, change)


def crc_lines(who: People, how_many: int = 2) -> list[list[Any]]:
    """Rows as London CRC has them."""
    rows = [{**CRC_ROW, "CRN": who.crn(i), "Name": who.name(i)} for i in range(how_many)]
    return grid(rows)


def _with(who: People, column: str, cells: Iterable[Any], how_many: int = 2) -> Lines:
    lines = who.lines(how_many)
    for line, cell in zip(lines[1:], cells, strict=False):
        line[place_of(column)] = cell
    return lines


def _hide_rows(*numbers: int) -> Change:
    def change(book: Workbook, sheet: Worksheet) -> None:
        for number in numbers:
            sheet.row_dimensions[number].hidden = True

    return change


def _hide_column(column: str) -> Change:
    letter = openpyxl.utils.get_column_letter(place_of(column) + 1)

    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions[letter].hidden = True

    return change


def _front(state: str = "visible", behind: bool = False) -> Change:
    def change(book: Workbook, sheet: Worksheet) -> None:
        front = book.create_sheet("Guidance", None if behind else 0)
        front.sheet_state = state
        for line in FRONT:
            front.append(list(line))

    return change


def _state(state: str) -> Change:
    def change(book: Workbook, sheet: Worksheet) -> None:
        _front()(book, sheet)
        sheet.sheet_state = state

    return change


def _merged(book: Workbook, sheet: Worksheet) -> None:
    sheet.insert_rows(1, 3)
    sheet["A1"], sheet["A2"] = "OFFICIAL SENSITIVE", f"Prepared by {word('above')}"
    sheet.merge_cells("A1:M1")
    sheet.merge_cells("A2:M2")


def _filtered(book: Workbook, sheet: Worksheet) -> None:
    sheet.auto_filter.ref = "A1:N3"
    sheet.auto_filter.add_filter_column(0, [word("filter")])
    sheet.row_dimensions[3].hidden = True


def _numbers(who: People) -> Lines:
    lines = _with(who, "Offence Code", (826, 826.0))
    for line in lines[1:]:
        line[place_of("Disposal Date")] = date(2020, 1, 13)
        line[place_of("Date of Birth")] = date(1995, 3, 12)
    return lines


def _error(column: str, error: str = "#N/A") -> Callable[[People], bytes]:
    """The last of six rows holds an error."""

    def make(who: People) -> bytes:
        lines = who.lines(6)
        lines[-1][place_of(column)] = error
        return xlsx(lines)

    return make


def _crc_error(who: People) -> bytes:
    lines = crc_lines(who, 6)
    lines[-1][lines[0].index("Start date")] = "#N/A"
    return xlsx(lines, title="Eligibility")


_add("plain", lambda p: xlsx(p.lines()))
_add("title rows in merged cells", lambda p: xlsx(p.lines(), _merged))
_add("data on the second sheet", lambda p: xlsx(p.lines(), _front()))
_add("guidance on a hidden sheet", lambda p: xlsx(p.lines(), _front("hidden")))
_add("numbers and dates as a spreadsheet types them", lambda p: xlsx(_numbers(p)))
_add(
    "a totals row",
    lambda p: xlsx([*p.lines(5), ["Total", None, 5]]),
    rows=6,
    aside={"R-CRN": 1, "R-MISSING": 1},
    bad=1,
)
_add(
    "a CRN that became a number",
    lambda p: xlsx(
        [
            *p.lines(6)[:6],
            [123000.0 if i == place_of("CRN") else cell for i, cell in enumerate(p.lines(6)[6])],
        ]
    ),
    rows=6,
    aside={"R-CRN": 1},
)
_add(
    "a CRN in figures of a power",
    lambda p: xlsx(
        [
            *p.lines(6)[:6],
            ["1.23E+05" if i == place_of("CRN") else cell for i, cell in enumerate(p.lines(6)[6])],
        ]
    ),
    rows=6,
    aside={"R-CRN": 1},
)
_add("named as text", lambda p: xlsx(p.lines()), file_name=f"{word('filename')}.csv".encode())
_add(
    "named as an old workbook",
    lambda p: xlsx(p.lines()),
    file_name=f"{word('filename')}.xls".encode(),
)
_add("named without an extension", lambda p: xlsx(p.lines()), file_name=word("filename").encode())
_add(
    "an agreed sheet among others",
    lambda p: xlsx(crc_lines(p), _front(), "Eligibility"),
    source=CRC,
)
_add(
    "an external link",
    lambda p: repack(
        xlsx(p.lines()),
        extra={
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": (
                b'<Relationships><Relationship Id="rId1" Target="x.xlsx" TargetMode="External"/>'
                b"</Relationships>"
            ),
        },
    ),
)

_add("a hidden row", lambda p: xlsx(p.lines(), _hide_rows(3)), "F-HIDDEN")
_add("a row that a filter hides", lambda p: xlsx(p.lines(), _filtered), "F-HIDDEN")
_add(
    "a row of no height",
    lambda p: in_sheet(xlsx(p.lines()), b'<row r="3"', b'<row r="3" ht="0"'),
    "F-HIDDEN",
)
_add(
    "a hidden row in XML with prefixes",
    lambda p: in_sheet(
        in_sheet(xlsx(p.lines(), _hide_rows(3)), b"<row ", b"<x:row ", 9), b"</row>", b"</x:row>", 9
    ),
    "F-HIDDEN",
)
_add("a hidden header row", lambda p: xlsx(p.lines(), _hide_rows(1)), "F-HIDDEN")
_add("a hidden agreed column", lambda p: xlsx(p.lines(), _hide_column("Gender")), "F-HIDDEN")
_add(
    "a hidden optional column", lambda p: xlsx(p.lines(), _hide_column("Offender Name")), "F-HIDDEN"
)
_add(
    "an agreed column of no width",
    lambda p: in_sheet(
        xlsx(p.lines()), b"<sheetData>", b'<cols><col min="1" max="4" width="0"/></cols><sheetData>'
    ),
    "F-HIDDEN",
)
_add("data on a hidden sheet", lambda p: xlsx(p.lines(), _state("hidden")), "F-HIDDEN")
_add("data on a very hidden sheet", lambda p: xlsx(p.lines(), _state("veryHidden")), "F-HIDDEN")
_add(
    "the agreed sheet hidden",
    lambda p: xlsx(
        crc_lines(p),
        lambda b, s: (_front()(b, s), setattr(s, "sheet_state", "hidden"))[0],
        "Eligibility",
    ),
    "F-HIDDEN",
    source=CRC,
)
_add(
    "a hidden blank row",
    lambda p: xlsx([*p.lines(), [], [], [None] * 13 + ["x"]], _hide_rows(4, 5, 6)),
)
_add(
    "a hidden row above the header",
    lambda p: xlsx([["Title"], [word("above")], *p.lines()], _hide_rows(2)),
)
_add("a hidden column outside the agreement", lambda p: xlsx(p.lines(), _hide_column(OUTSIDE)))
_add(
    "rows said not to be hidden",
    lambda p: in_sheet(xlsx(p.lines()), b'<row r="3"', b'<row r="3" hidden="0"'),
)

_add("an agreed sheet missing", lambda p: xlsx(crc_lines(p)), "F-NO-SHEET", source=CRC)
_add("an empty workbook", lambda p: xlsx([]), "F-EMPTY")
_add("a header alone", lambda p: xlsx(p.lines()[:1]), "F-EMPTY")
_add(
    "an agreed column twice",
    lambda p: xlsx([[*line, line[2]] for line in p.lines()]),
    "F-DUPLICATE-HEADER",
    headers=("CRN",),
)
_add(
    "a column outside the agreement twice",
    lambda p: xlsx([[*line, line[13]] for line in p.lines()]),
)
_add(
    "a required column missing",
    lambda p: xlsx([line[:2] + line[3:] for line in p.lines()]),
    "F-NO-COLUMN",
    headers=("CRN",),
)
_add(
    "a formula without a result where it is needed",
    lambda p: xlsx(_with(p, "Borough", ["=UPPER(A2)"])),
    "F-FORMULA",
)
_add("a formula without a result where it is not", lambda p: xlsx(_with(p, OUTSIDE, ["=1+1"])))
_add("an error in a required cell", _error("Borough"), rows=6, aside={"R-ERROR": 1})
_add("an error in the CRN", _error("CRN", "#REF!"), rows=6, aside={"R-ERROR": 1})
_add("an error in a date", _error("Date of Birth", "#VALUE!"), rows=6, aside={"R-ERROR": 1})
_add("an error in an optional date", _crc_error, source=CRC, rows=6, aside={"R-ERROR": 1})
_add("an error in an optional text", _error("Proposed Sentence"), rows=6)
_add("an error outside the agreement", _error(OUTSIDE), rows=6)
_add(
    "a formula that gave an error",
    lambda p: in_sheet(_error("Borough")(p), b't="e"><v>', b't="e"><f>VLOOKUP(A1,B:C,2,0)</f><v>'),
    rows=6,
    aside={"R-ERROR": 1},
)
_add(
    "formulas without anything to look up below the data",
    lambda p: xlsx([*p.lines(), *[["#N/A", "#N/A"]] * 9]),
)
