"""Delimited text: encodings, delimiters, line ends, what stands above, below and between rows."""

from __future__ import annotations

import gzip

from safer_streets_assets_tests.builders import NPS_ROW, csv_drop
from safer_streets_assets_tests.intake.any_file.cases import Group
from safer_streets_assets_tests.intake.any_file.people import OUTSIDE, People
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group()
_add = GROUP.add


def _delimited(who: People, delimiter: str) -> bytes:
    # The name holds a comma, so what is not delimited by one needs no quotation marks.
    lines = [[str(cell or "") for cell in line] for line in who.lines()]
    return "".join(delimiter.join(line) + "\r\n" for line in lines).encode()


def _with_line(who: People, line: str, how_many: int = 5) -> bytes:
    return (who.text(how_many) + line).encode()


def _without(who: People, *columns: str) -> bytes:
    return csv_drop([{k: v for k, v in row.items() if k not in columns} for row in who.rows()])


def _with_row(who: People, **changes: str) -> bytes:
    return csv_drop([*who.rows(5), {**who.rows(6)[5], **changes}])


_add("utf-8", lambda p: p.csv())
_add("utf-8 with a byte order mark", lambda p: b"\xef\xbb\xbf" + p.csv())
_add("utf-16 le with a mark", lambda p: b"\xff\xfe" + p.text().encode("utf-16-le"))
_add("utf-16 be with a mark", lambda p: b"\xfe\xff" + p.text().encode("utf-16-be"))
_add("utf-16 le without a mark", lambda p: p.text().encode("utf-16-le"))
_add("utf-16 be without a mark", lambda p: p.text().encode("utf-16-be"))
_add("windows-1252", lambda p: p.text().encode("cp1252"))
_add("line feeds", lambda p: p.text().replace("\r\n", "\n").encode())
_add("carriage returns", lambda p: p.text().replace("\r\n", "\r").encode())
_add("line ends of two kinds", lambda p: p.text().replace("\r\n", "\n", 1).encode())
_add("semicolons", lambda p: _delimited(p, ";"))
_add("tabs", lambda p: _delimited(p, "\t"))
_add("pipes", lambda p: _delimited(p, "|"))
_add(
    "everything quoted",
    lambda p: (
        _delimited(p, '"\x00"')
        .replace(b"\x00", b",")
        .replace(b"\r\n", b'"\r\n"')
        .join([b'"', b""])[:-1]
    ),
)
_add("quoted newlines", lambda p: p.csv(**{"Offence Description": "blade\r\nor\n\npoint"}))
_add("quoted quotation marks", lambda p: p.csv(Court='The "Old" Court, "Bailey"'))
_add(
    "lines above the header",
    lambda p: (f"OFFICIAL SENSITIVE,,\r\nPrepared by {word('above')}\r\n\r\n{p.text()}").encode(),
)
_add("a separator line for Excel", lambda p: b"sep=,\r\n" + p.csv())
_add("blank lines between and below", lambda p: p.text().replace("\r\n", "\r\n\r\n,,\r\n").encode())
_add(
    "header in other case and spacing",
    lambda p: (
        p.text().replace("Date of Birth", "  DATE  of birth_").replace("CRN", "c.r.n.", 1).encode()
    ),
)
_add("columns in another order", lambda p: csv_drop(p.rows(), list(reversed(p.rows()[0]))))
_add("formulas as text", lambda p: p.csv(Court="=HYPERLINK(1)", Borough="+Lambeth"))
_add(
    "a column outside the agreement twice",
    lambda p: (
        p.text()
        .replace(OUTSIDE, f"{OUTSIDE},{OUTSIDE}", 1)
        .replace(f",{word('outside')}\r", f",{word('outside')},{word('outside')}\r")
        .encode()
    ),
)
_add(
    "too many delimiters at the end of lines",
    lambda p: p.text().replace("\r\n", ",,\r\n").replace(f"{OUTSIDE},,", OUTSIDE).encode(),
)

# A totals row has no CRN: it is set aside like any row that lacks what is required.
_add(
    "a totals row",
    lambda p: _with_line(p, "Total,,5\r\n"),
    rows=6,
    aside={"R-CRN": 1, "R-MISSING": 1},
    bad=1,
)
_add(
    "a totals row that names nothing",
    lambda p: _with_line(p, "Total: 5\r\n"),
    rows=6,
    aside={"R-MISSING": 1},
)
_add(
    "a row with too many cells",
    lambda p: p.csv(5) + csv_drop(p.rows(6)[5:]).split(b"\r\n")[1] + b",stray\r\n",
    rows=6,
    aside={"R-RAGGED": 1},
)
_add(
    "a row with too few cells",
    lambda p: _with_line(p, f"Team,PO,{p.crn(5)},x,M\r\n"),
    rows=6,
    aside={"R-MISSING": 1},
)
_add(
    "a last line cut short",
    lambda p: p.csv(6)[:-70],
    "F-BROKEN",
    headers=("its last row is short and has no line end",),
)
_add(
    "zeros at the end",
    lambda p: p.csv() + bytes(512),
    "F-BROKEN",
    headers=("it ends in zeros, as after a copy that failed",),
)
_add(
    "letters of two encodings",
    lambda p: p.csv(Court="Café").replace(b"Caf\xc3\xa9", b"Caf\xe9", 1),
    "F-ENCODING",
)
_add("the end-of-file sign of DOS", lambda p: _with_line(p, "\x1a"), rows=6, aside={"R-MISSING": 1})
_add(
    "a CRN that a spreadsheet mangled",
    lambda p: _with_row(p, CRN="1.23E+05"),
    rows=6,
    aside={"R-CRN": 1},
)
_add(
    "a month in the place of the day",
    lambda p: _with_row(p, **{"Disposal Date": "01/13/2020"}),
    rows=6,
    aside={"R-DATE": 1},
)
_add(
    "two wrongs in one row",
    lambda p: _with_row(p, **{"Gender": "7", "Offence Code": "x"}),
    rows=6,
    aside={"R-CODE": 1},
)
_add(
    "an error of a spreadsheet",
    lambda p: _with_row(p, Borough="#N/A"),
    rows=6,
    aside={"R-ERROR": 1},
)
_add(
    "too many bad rows",
    lambda p: csv_drop([*p.rows(3), *[{**row, "Disposal Date": "soon"} for row in p.rows(6)[3:]]]),
    "D-BAD-ROWS",
)

_add("an empty file", lambda p: b"", "F-EMPTY")
_add("a byte order mark alone", lambda p: b"\xef\xbb\xbf", "F-EMPTY")
_add("white space alone", lambda p: b" \t\r\n" * 50, "F-EMPTY")
_add("zero bytes alone", lambda p: bytes(4096), "F-EMPTY")
_add("a header alone", lambda p: csv_drop([], list(NPS_ROW)), "F-EMPTY")
_add("a header and blank rows", lambda p: csv_drop([], list(NPS_ROW)) + b",,,\r\n \r\n", "F-EMPTY")
_add(
    "prose",
    lambda p: f"Dear all, {p.name(0)} {p.crn(0)} called.\r\n".encode(),
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
_add(
    "json",
    lambda p: f'[{{"CRN": "{p.crn(0)}"}}]'.encode(),
    "F-FOREIGN",
    headers=("JSON",),
)
_add("a required column missing", lambda p: _without(p, "CRN"), "F-NO-COLUMN", headers=("CRN",))
_add(
    "two required columns missing",
    lambda p: _without(p, "Court", "Gender"),
    "F-NO-COLUMN",
    headers=("Gender", "Court"),
)
_add("an optional column missing", lambda p: _without(p, "Proposed Sentence"))
_add(
    "an agreed column twice",
    lambda p: csv_drop([{**row, "c r n": row["CRN"]} for row in p.rows()]),
    "F-DUPLICATE-HEADER",
    headers=("CRN",),
)
_add(
    "a zero byte",
    lambda p: p.csv().replace(b"Lambeth", b"Lam\0beth"),
    "F-FOREIGN",
    headers=("text with a NUL byte in row 2",),
)
_add(
    "an unclosed quotation mark",
    lambda p: p.csv().replace(b"13/01/2020", b'"13/01/2020', 1),
    "F-QUOTES",
)
_add(
    "text after a quotation mark", lambda p: p.csv().replace(b"Lambeth,", b'"Lam"beth,'), "F-QUOTES"
)
_add(
    "an unclosed quotation mark in a long file",
    lambda p: b'"13/01/2020'.join(p.csv().rsplit(b"13/01/2020", 1)) + b"a,b\r\n" * 20_000,
    "F-LONG-CELL",
)
_add("no known encoding", lambda p: p.text().encode("cp1252") + b"\x81\x8d\xff\r\n", "F-ENCODING")
_add(
    "utf-16 cut in the middle of a letter",
    lambda p: b"\xff\xfe" + p.text().encode("utf-16-le")[:-1],
    "F-ENCODING",
)
_add("gzip", lambda p: gzip.compress(p.csv()), "F-FOREIGN", headers=("an archive",))
_add("named as a workbook", lambda p: p.csv(), file_name=f"{word('filename')}.xlsx".encode())
_add("named without an extension", lambda p: p.csv(), file_name=f"{word('filename')}x".encode())
_add("named as a survey file", lambda p: p.csv(), file_name=f"{word('filename')}.sav".encode())
