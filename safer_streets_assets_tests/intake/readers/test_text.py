"""Delimited text as agencies send it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.readers import DropReader, UnreadableDrop, WantedColumn
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    csv_bytes,
    request_for,
    shown,
)
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

PLAIN = csv_bytes(HEADER, ROW)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_ending_gives_the_same_columns(
    read: Read, delimiter: str, end: str
) -> None:
    drop = read(csv_bytes(HEADER, ROW, ROW, delimiter=delimiter, end=end))
    assert drop.format == "csv"
    assert drop.columns == {"crn": ["A000001"] * 2, "borough": ["Brent"] * 2, "session": ["3"] * 2}
    assert drop.row_numbers == [2, 3]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_agreed_encoding_is_recognised(read: Read, encoding: str) -> None:
    drop = read(csv_bytes(HEADER, ("A000001", "Café £ Brent", "3")).decode().encode(encoding))
    assert drop.columns["borough"] == ["Café £ Brent"]


def test_utf_16_with_the_other_byte_order_mark_is_recognised(read: Read) -> None:
    drop = read(b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"))
    assert drop.columns["crn"] == ["A000001"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "F-EMPTY"),
        (b"\xef\xbb\xbf \r\n\t\r\n", "F-EMPTY"),
        (b"\0" * 5000, "F-EMPTY"),
        (csv_bytes(HEADER), "F-EMPTY"),
        (csv_bytes(HEADER, (" ", "", "\u00a0")), "F-EMPTY"),
        (PLAIN + b"\x81\xe9", "F-ENCODING"),
        (b"\xef\xbb\xbf" + PLAIN + b"\xe9,x,y\r\n", "F-ENCODING"),
        (b"\xff\xfe" + PLAIN.decode().encode("utf-16-le") + b"\x00\xd8", "F-ENCODING"),
        (PLAIN + b"A000002,Bre\0nt,3\r\n", "F-FOREIGN"),
        (b"\xff\xfe" + (PLAIN.decode() + "\0").encode("utf-16-le"), "F-FOREIGN"),
        (b"%PDF-1.7 ...", "F-FOREIGN"),
        (b"\x89PNG\r\n\x1a\n....", "F-FOREIGN"),
        (b"  <!DOCTYPE html><table><tr><td>CRN</td></tr></table>", "F-FOREIGN"),
        (b"\xef\xbb\xbf<html></html>", "F-FOREIGN"),
        (b"\x1f\x8b\x08 gzip", "F-FOREIGN"),
        (PLAIN + b'"A000002,Brent,3\r\nA000003,Brent,4\r\n', "F-QUOTES"),
        (PLAIN + b'"A000002"x,Brent,3\r\n', "F-QUOTES"),
        (PLAIN + b"A000002," + b"x" * 1001 + b",3\r\n", "F-LONG-CELL"),
        (csv_bytes(*[("words", "and", "more")] * 40), "F-NO-COLUMN"),
        (csv_bytes(HEADER, *[ROW] * 20_001), "F-TOO-LARGE"),
        (PLAIN + b"," * 300 + b"\r\n", "F-TOO-LARGE"),
        (b"x" * 5_000_001, "F-TOO-LARGE"),
        (csv_bytes((*HEADER, " c.r.n. "), (*ROW, "A000001")), "F-DUPLICATE-HEADER"),
        (csv_bytes((*HEADER, "Session 1-12"), (*ROW, "3")), "F-DUPLICATE-HEADER"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_code(
    code_of: CodeOf, data: bytes, code: str
) -> None:
    assert code_of(data) == code


MAIL = "From: somebody\r\nSent: 3 May 2020\r\nTo: somebody else\r\n\tand others\r\nSubject: %s\r\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"rows": [{"CRN": "A000001", "Borough": "Brent"}]}', "JSON"),
        ('[{"CRN": "A000001"},\n {"CRN": "A000002"', "JSON"),
        ('{"CRN": "A000001"}\n{"CRN": "A000002"}\n', "JSON"),
        ('[\n  ["CRN", "Borough"],\n  ["A000001", "Brent"]\n]', "JSON"),
        ('["CRN", "Borough"]\n["A000001", "Brent"]\n', "JSON"),
        (MAIL % "the cases" + "\r\nDear all,\r\nno table here.\r\n", "an e-mail"),
        (MAIL % "the cases" + "\r\nCRN,Borough of residence\r\nA000001,Brent\r\n", "an e-mail"),
        ("Dear all,\n\nthe cases of this week are late.\nKind regards\n", "prose"),
        ("The cases, all of them, are late.\nThey will come; soon, we hope.\n", "prose"),
        ('He said "no" to it\nand went\n', "prose"),
    ],
)
def test_a_text_that_is_no_table_is_called_what_it_is(read: Read, text: str, kind: str) -> None:
    with pytest.raises(UnreadableDrop) as refusal:
        read(text.encode())
    assert refusal.value.code == "F-FOREIGN"
    assert f"not a table but {kind}:" in str(refusal.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_of_other_columns_is_no_prose(code_of: CodeOf, delimiter: str) -> None:
    rows = ("From: CRC", "", ""), ("words", "and", "more"), ("a", "b", "c"), ("d", "e", "f")
    assert code_of(csv_bytes(*rows, delimiter=delimiter)) == "F-NO-COLUMN"


@pytest.mark.parametrize(
    "titles",
    [
        "From: London CRC\r\nDate: 3 May 2020\r\n\r\n",
        "From: 01/01/2020\r\nTo: 31/01/2020\r\nSubject: Court outcomes\r\n\r\n",
        "[OFFICIAL-SENSITIVE]\r\n",
    ],
)
def test_titles_like_those_of_a_letter_above_a_table_are_read(read: Read, titles: str) -> None:
    drop = read(titles.encode() + PLAIN + b"[End of report]\r\n")
    assert drop.columns["crn"][0] == "A000001"


def test_a_letter_in_which_a_line_happens_to_be_the_header_is_prose(read: Read) -> None:
    letter = "The columns we agreed are\n\nCRN,Borough,Session 1-12\n\nAs I said, he came\nSam\n"
    with pytest.raises(UnreadableDrop, match="not a table but prose"):
        read(letter.encode())


def test_a_cut_file_is_found_though_another_line_is_shorter_still(code_of: CodeOf) -> None:
    rows = [ROW] * 9
    whole = csv_bytes(HEADER, *rows[:3], ("Page 1",), *rows[3:])
    assert code_of(whole.rstrip()[: -len(ROW[-1]) - 1]) == "F-BROKEN"


def test_the_largest_agreed_file_is_still_read(read: Read) -> None:
    assert len(read(csv_bytes(HEADER, *[ROW] * 20_000)).row_numbers) == 20_000


def test_a_text_file_is_refused_where_only_workbooks_are_agreed(code_of: CodeOf) -> None:
    assert code_of(PLAIN, formats=("xlsx",)) == "F-FORMAT"


def test_headers_match_whatever_their_case_spacing_and_order(read: Read) -> None:
    drop = read(
        csv_bytes(("SESSION 1-12", " BOROUGH  of residence ", "c.r.n."), ("3", "Brent", "X"))
    )
    assert [drop.columns[name] for name in ("crn", "borough", "session")] == [
        ["X"],
        ["Brent"],
        ["3"],
    ]


def test_missing_required_columns_are_named_as_policy_spells_them(read: Read) -> None:
    with pytest.raises(UnreadableDrop) as refusal:
        read(csv_bytes(("Session", "Other"), ("3", "x")))
    assert refusal.value.code == "F-NO-COLUMN"
    assert refusal.value.headers == ("CRN", "Borough")
    assert "'CRN', 'Borough'" in str(refusal.value)


def test_an_absent_optional_column_is_all_missing_and_said_to_be_absent(read: Read) -> None:
    drop = read(csv_bytes(HEADER[:2], ROW[:2], ROW[:2]))
    assert drop.columns["session"] == [None, None]
    assert drop.absent == ("session",)


def test_dropped_columns_are_named_but_value_like_headers_are_withheld(read: Read) -> None:
    header = (*HEADER, "Team", "", "B123456", "", "01/02/1990")
    drop = read(csv_bytes(header, (*ROW, "t", "u", "v", "", "w")))
    assert shown(drop) == (
        "Team",
        "column 5 (no heading)",
        "column 6 (heading not shown)",
        "column 8 (heading not shown)",
    )


def test_row_numbers_are_those_of_a_spreadsheet(read: Read) -> None:
    text = 'Title\r\n\r\nCRN,Notes,Borough\r\nA,"two\r\nlines",Brent\r\n\r\n,x,\r\nB,,Enfield\r\n'
    drop = read(text.encode())
    assert drop.row_numbers == [4, 7]
    assert drop.columns["crn"] == ["A", "B"]


def test_short_rows_miss_cells_and_long_rows_are_reported(read: Read) -> None:
    drop = read(
        csv_bytes(HEADER, ("A",), ("B", "Brent", "1", "", " "), ("C", "x", "Brent", "1"), ROW)
    )
    assert drop.columns["crn"] == ["A", "B", "C", "A000001"]
    assert drop.columns["borough"] == [None, "Brent", "x", "Brent"]
    assert drop.ragged_rows == [4]


def test_a_ragged_row_is_reported_even_when_its_wanted_cells_are_blank(read: Read) -> None:
    drop = read(csv_bytes(HEADER, ROW, ("", "", "", "A"), ("", "", "")))
    assert drop.row_numbers == [2, 3]
    assert drop.ragged_rows == [3]


def test_only_ascii_and_no_break_spaces_at_the_ends_are_stripped(read: Read) -> None:
    drop = read(csv_bytes(HEADER, ("\u00a0 A\u00a01 \t", "\u2003B", "")))
    assert drop.columns == {"crn": ["A\u00a01"], "borough": ["\u2003B"], "session": [None]}


def test_leading_zeros_survive(read: Read) -> None:
    assert read(csv_bytes(HEADER, ("00811", "x", "007"))).columns["session"] == ["007"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Position at 30 November 2019", date(2019, 11, 30)),
        ("position at 1st Sept 2020", date(2020, 9, 1)),
        ("Data as at 05/04/2020", date(2020, 4, 5)),
        ("Position at 31 June 2020", None),
        ("Position at 30 Brumaire 2019", None),
        ("Official", None),
    ],
)
def test_the_position_date_is_read_above_the_header(
    read: Read, line: str, expected: date | None
) -> None:
    assert read(line.encode() + b"\r\n" + PLAIN).position_date == expected


def test_a_date_that_says_position_goes_before_another(read: Read) -> None:
    data = b"Printed 02/12/2019\r\nPosition at 30 November 2019\r\n" + PLAIN
    assert read(data).position_date == date(2019, 11, 30)


@pytest.mark.parametrize(
    "titles",
    [
        [("Date printed", "05/12/2019"), ("Data as at", "30/11/2019")],
        [("Position", "printed 05/12/2019"), ("Position", "30/11/2019")],
        [("Position", "November", "2019")],
        [("CRC return v2.1.20",), ("", "30/11/2019")],
        [("Position at", "43799")],
        [("Supersedes", "31/10/2019"), ("Position at", "Nov-19")],
    ],
)
def test_what_a_date_is_may_stand_in_the_cell_before_it(
    read: Read, titles: list[tuple[str, ...]]
) -> None:
    assert read(csv_bytes(*titles) + PLAIN).position_date == date(2019, 11, 30)


def test_a_date_below_the_header_is_never_the_position_date(read: Read) -> None:
    assert read(csv_bytes(HEADER, ("A", "Position at 30 November 2019", "1"))).position_date is None


_cell = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(_cell, _cell, _cell), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_a_csv_writer_writes_is_read_back(
    reader: DropReader,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
) -> None:
    columns = tuple(WantedColumn(name, (f"wanted {name}",), True) for name in "abc")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([[column.headers[0] for column in columns], *rows, ["end"] * 3])
    path: Path = tmp_path_factory.mktemp("property") / "drop"
    path.write_bytes(out.getvalue().encode(encoding))
    drop = reader.read(request_for(path, columns=columns))
    kept = [tuple(c.strip(" \t\r\n\x0b\x0c\xa0") or None for c in row) for row in rows]
    expected = [row for row in [*kept, ("end",) * 3] if any(row)]
    assert list(zip(*drop.columns.values(), strict=True)) == expected
