"""Lines below a table are set aside and reported, and are not held against a file of few rows."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    csv_drop,
    fetch,
    ledger,
    people_rows,
    put,
    rows_of,
    set_aside,
    shipped_policy,
    take_in_everything,
    workbook_drop,
)

pytestmark = pytest.mark.usefixtures("quick_reader")

FOOTERS = [
    "Total,12",
    "End of report",
    "*** END ***",
    "Thank you",
    "12 rows selected.",
    "Page 1 of 1",
    "Exported 03/02/2020 10:15",
]


@pytest.mark.parametrize(
    ("source", "first"),
    [
        pytest.param(NPS, None, marks=pytest.mark.thorough),
        pytest.param(NPS, "CRN", marks=pytest.mark.thorough),
        (CHECKIN, "ResponseID"),
        pytest.param(ATTENDEE, "respid", marks=pytest.mark.thorough),
    ],
)
def test_a_footer_is_set_aside_and_not_held_against_a_file_of_two_rows(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, source: str, first: str | None
) -> None:
    rows = people_rows(source, 2)
    names = sorted(rows[0], key=lambda name: name != first)
    table = csv_drop(rows, names)
    for number, footer in enumerate(FOOTERS):
        put(folder, source, f"{number}.csv", table + footer.encode() + b"\r\n")
    take_in_everything(memory, folder)
    assert ledger(memory) == [(source, "loaded", None)] * len(FOOTERS)
    assert set(set_aside(memory)) == {4}


def test_several_footers_below_rows_of_csv_and_of_a_workbook_are_set_aside(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    lines = ["", *FOOTERS[:4]]
    put(folder, NPS, "a.csv", csv_drop(people_rows(NPS, 3)) + "\r\n".join(lines).encode() + b"\r\n")
    rows = people_rows(CRC, 3)
    below = [dict(zip(rows[0], line.split(","), strict=False)) for line in lines]
    put(folder, CRC, "a.xlsx", workbook_drop("Eligibility", [*rows, *below]))
    take_in_everything(memory, folder)
    assert ledger(memory) == [(CRC, "loaded", None), (NPS, "loaded", None)]


@pytest.mark.parametrize(
    "changes",
    [
        {"CRN": "A123456"},
        {"CRN": "A12345"},
        {"CRN": "A12E456"},
        {"CRN": "seen as A123456"},
        {"Offender Name": "Canary", "Borough": "Brent"},
        {"Date of Birth": "01/02/1990"},
        {"Borough": "Brent", "Court": "Highbury Corner", "Gender": "Male", "Offence Code": "00826"},
    ],
)
def test_a_row_that_says_whose_it_is_or_with_more_cells_is_no_footer(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, changes: dict[str, str]
) -> None:
    rows = people_rows(NPS, 2)
    rows.append(dict.fromkeys(rows[0], "") | changes)
    put(folder, NPS, "a.csv", csv_drop(rows))
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "quarantined", "D-BAD-ROWS")]


def test_lines_above_the_last_row_and_more_than_a_few_below_it_are_held_against_a_file(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    table = csv_drop(people_rows(NPS, 2))
    *_, last = table.splitlines(keepends=True)
    other = last.replace(b"A", b"B")
    put(folder, NPS, "a.csv", table + b"Total,2\r\n" + other)
    put(folder, NPS, "b.csv", table + b"North London\r\n" * 6)
    titled = [{"CRN": "Total", "Gender": "0"}, {"CRN": "End of report"}]
    put(folder, NPS, "c.csv", csv_drop(titled, list(people_rows(NPS, 1)[0])))
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "quarantined", "D-BAD-ROWS")] * 3


def test_a_last_row_without_a_line_end_is_a_file_cut_short_and_no_footer(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, NPS, "a.csv", csv_drop(people_rows(NPS, 3)) + b"North Lon")
    take_in_everything(memory, folder)
    assert [line for line in ledger(memory) if line[1] == "loaded"] == []


def forms(source: str, references: list[str]) -> list[dict[str, str]]:
    """Anonymous rows with these references."""
    (column,) = [f.headers[0] for f in shipped_policy().sources[source].fields if f.name in IDS]
    return rows_of(source, *({column: reference} for reference in references))


IDS = ("form", "reference")


@pytest.mark.parametrize("source", [TRAINING, NOVO])
def test_a_summary_below_anonymous_rows_is_no_row_of_them(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, source: str
) -> None:
    for number, word in enumerate(("Total", "Mode", "Average", "Thanks")):
        references = [f"F{one}" for one in range(10 * number, 10 * number + 3)]
        put(folder, source, f"{number}.csv", csv_drop(forms(source, [*references, word])))
    take_in_everything(memory, folder)
    assert [state for _, state, _ in ledger(memory)] == ["loaded"] * 4
    assert fetch(memory, f"SELECT count(*) FROM restricted.{source}_raw") == [(12,)]
    reasons = fetch(memory, "SELECT DISTINCT reasons FROM restricted.set_aside_rows")
    assert reasons == [(["R-ID"],)]


@pytest.mark.parametrize("source", [TRAINING, NOVO])
@pytest.mark.parametrize("references", [["One", "Two", "Three"], ["A", "B1", "C", "D2"]])
def test_references_that_are_words_are_rows_where_others_are_words_too(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    source: str,
    references: list[str],
) -> None:
    put(folder, source, "a.csv", csv_drop(forms(source, references)))
    take_in_everything(memory, folder)
    assert not set_aside(memory)
    assert fetch(memory, f"SELECT count(*) FROM restricted.{source}_raw") == [(len(references),)]
