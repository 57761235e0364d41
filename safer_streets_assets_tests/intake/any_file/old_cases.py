"""XLS and ODS workbooks: what is read, what is hidden, what is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safer_streets_assets_tests.intake.any_file.cases import Group
from safer_streets_assets_tests.intake.any_file.people import OUTSIDE, People, place_of
from safer_streets_assets_tests.intake.readers.builders import (
    ods_bytes,
    protected_xls,
    repack,
    xls_bytes,
    xls_columns,
    xls_error,
    xls_row,
)
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group("xls")
_add = GROUP.add
Lines = Sequence[Sequence[Any]]


def cells_of(lines: Lines) -> dict[tuple[int, int], Any]:
    """Rows of cells by their place; a cell without anything is not there."""
    return {
        (r, c): cell for r, line in enumerate(lines) for c, cell in enumerate(line) if cell != ""
    }


def _xls(who: People, records: bytes = b"", state: int = 0, how_many: int = 2) -> bytes:
    return xls_bytes(cells_of(who.lines(how_many)), records=records, state=state)


def _moved(who: People, down: int) -> dict[tuple[int, int], Any]:
    return {(row + down, column): cell for (row, column), cell in cells_of(who.lines()).items()}


def _typed(who: People) -> bytes:
    cells = cells_of(who.lines())
    cells |= {(row, place_of("Offence Code")): 826.0 for row in (1, 2)}
    return xls_bytes(cells)


def _with_error(who: People, column: str) -> bytes:
    cells = cells_of(who.lines(6))
    del cells[6, place_of(column)]
    return xls_bytes(cells, records=xls_error(6, place_of(column)))


def _ods(who: People, old: str = "", new: str = "", how_many: int = 2, last: bool = False) -> bytes:
    """An ODS workbook; the first (or last) `old` in its content is replaced by `new`."""
    plain = ods_bytes(who.lines(how_many))

    def change(name: str, content: bytes) -> bytes:
        if name != "content.xml" or not old:
            return content
        parts = content.rpartition(old.encode()) if last else content.partition(old.encode())
        assert parts[1]
        return parts[0] + new.encode() + parts[2]

    return repack(plain, change)


def _ods_row(attributes: str) -> tuple[str, str]:
    return "<table:table-row>", f"<table:table-row {attributes}>"


def _ods_columns(xml: str) -> tuple[str, str]:
    return 'table:name="Data">', f'table:name="Data">{xml}'


def _ods_hidden_sheet(who: People) -> bytes:
    style = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
        '<style:style style:name="ta1" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    hidden = _ods(who, "<office:body>", f"{style}<office:body>")
    return repack(
        hidden,
        lambda name, content: content.replace(
            b'table:name="Data"', b'table:name="Data" table:style-name="ta1"'
        ),
    )


def _ods_of_our_days(who: People) -> bytes:
    """An ODS workbook that is encrypted as a whole."""
    return repack(ods_bytes(who.lines()), extra={"encrypted-package": b"x" * 500}).replace(
        b"content.xml", b"c0ntent.xml"
    )


_CENTRE = place_of("Gender")

_add("plain xls", _xls)
_add("xls named as xlsx", _xls, file_name=f"{word('filename')}.xlsx".encode())
_add("xls with title rows", lambda p: xls_bytes(_moved(p, 3) | {(0, 0): word("above")}))
_add("xls with numbers for text", _typed)
_add(
    "xls with an error in a required cell",
    lambda p: _with_error(p, "Borough"),
    rows=6,
    aside={"R-ERROR": 1},
)
_add("xls with a hidden row", lambda p: _xls(p, xls_row(2, hidden=True)), "F-HIDDEN")
_add(
    "xls with rows described and not hidden",
    lambda p: _xls(p, b"".join(xls_row(n, hidden=False) for n in range(3))),
)
_add("xls with a hidden blank row", lambda p: _xls(p, xls_row(9, hidden=True)))
_add(
    "xls with a hidden row above the header",
    lambda p: xls_bytes(_moved(p, 2) | {(0, 0): "Title"}, records=xls_row(0, hidden=True)),
)
_add(
    "xls with a hidden agreed column",
    lambda p: _xls(p, xls_columns(_CENTRE, _CENTRE, hidden=True)),
    "F-HIDDEN",
)
_add(
    "xls with an agreed column of no width",
    lambda p: _xls(p, xls_columns(0, 3, hidden=False, width=0)),
    "F-HIDDEN",
)
_add(
    "xls with a hidden column outside the agreement",
    lambda p: _xls(p, xls_columns(place_of(OUTSIDE), 255, hidden=True)),
)
_add(
    "xls with columns described and not hidden", lambda p: _xls(p, xls_columns(0, 20, hidden=False))
)
_add(
    "xls with text that looks like a hidden row",
    lambda p: xls_bytes(cells_of(p.lines()) | {(1, 14): "\u0208\u0010" + "\u2020" * 9}),
)
_add("xls with the sheet hidden", lambda p: _xls(p, state=1), "F-HIDDEN")
_add("xls with the sheet very hidden", lambda p: _xls(p, state=2), "F-HIDDEN")
_add(
    "xls without a header",
    lambda p: xls_bytes(cells_of(p.lines()[1:])),
    "F-NO-COLUMN",
    headers=(
        "CRN",
        "Gender",
        "Date of Birth",
        "Borough",
        "Disposal Date",
        "Offence Code",
        "Resulting Sentence",
        "Court",
    ),
)
_add("xls with a header alone", lambda p: xls_bytes(cells_of(p.lines()[:1])), "F-EMPTY")
_add(
    "xls behind the word that Excel assumes",
    lambda p: protected_xls(
        {k: str(v) for k, v in cells_of(p.lines()).items() if v}, "VelvetSweatshop"
    ),
)
_add(
    "xls behind a password",
    lambda p: protected_xls(
        {k: str(v) for k, v in cells_of(p.lines()).items() if v}, word("password")
    ),
    "F-ENCRYPTED",
)
_add("xls with macros", lambda p: xls_bytes(cells_of(p.lines()), ["_VBA_PROJECT_CUR"]), "F-MACRO")
_add("xls cut short", lambda p: _xls(p)[:1500], "F-BROKEN")
_add("an old letter", lambda p: _xls(p).replace(b"W\0o\0r\0k\0", b"W\0o\0r\0d\0"), "F-FOREIGN")

_add("plain ods", _ods, kind="ods")
_add("ods named as text", _ods, kind="ods", file_name=f"{word('filename')}.csv".encode())
_add(
    "ods with a typed date",
    lambda p: _ods(
        p,
        '<table:table-cell office:value-type="string" ><text:p>13/01/2020</text:p>',
        '<table:table-cell office:value-type="date" office:date-value="2020-01-13">'
        "<text:p>13.01.20</text:p>",
    ),
    kind="ods",
)
_add(
    "ods with an error in a required cell",
    lambda p: _ods(
        p,
        '<table:table-cell office:value-type="string" ><text:p>Lambeth</text:p>',
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p>',
        how_many=6,
        last=True,
    ),
    rows=6,
    kind="ods",
    aside={"R-ERROR": 1},
)
_add(
    "ods with a hidden row",
    lambda p: _ods(p, *_ods_row('table:visibility="collapse"'), last=True),
    "F-HIDDEN",
)
_add(
    "ods with a row that a filter hides",
    lambda p: _ods(p, *_ods_row('table:visibility="filter"'), last=True),
    "F-HIDDEN",
)
_add(
    "ods with a hidden header row",
    lambda p: _ods(p, *_ods_row('table:visibility="collapse"')),
    "F-HIDDEN",
)
_add(
    "ods with a hidden row above the header",
    lambda p: _ods(
        p,
        *_ods_columns(
            '<table:table-row table:visibility="collapse" table:number-rows-repeated="2">'
            "<table:table-cell/></table:table-row>"
        ),
    ),
    kind="ods",
)
_add(
    "ods with hidden blank rows below",
    lambda p: _ods(
        p,
        "</table:table>",
        '<table:table-row table:visibility="filter" '
        'table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>',
    ),
    kind="ods",
)
_add(
    "ods with a hidden agreed column",
    lambda p: _ods(
        p,
        *_ods_columns(
            '<table:table-column table:number-columns-repeated="2"/>'
            '<table:table-column table:visibility="collapse"/>'
        ),
    ),
    "F-HIDDEN",
)
_add(
    "ods with a hidden column outside the agreement",
    lambda p: _ods(
        p,
        *_ods_columns(
            '<table:table-column table:number-columns-repeated="13"/>'
            '<table:table-column table:visibility="collapse"/>'
        ),
    ),
    kind="ods",
)
_add("ods with the sheet hidden", _ods_hidden_sheet, "F-HIDDEN")
_add("ods encrypted member by member", lambda p: ods_bytes(p.lines(), encrypted=True), "F-LOCKED")
_add("ods encrypted as a whole", _ods_of_our_days, "F-LOCKED")
_add("ods with macros", lambda p: repack(_ods(p), extra={"Basic/script-lc.xml": b"x"}), "F-MACRO")
_add("ods cut short", lambda p: _ods(p)[:-60], "F-BROKEN")
_add(
    "ods with its content cut short",
    lambda p: repack(_ods(p), lambda name, xml: xml[:900] if name == "content.xml" else xml),
    "F-BROKEN",
)
