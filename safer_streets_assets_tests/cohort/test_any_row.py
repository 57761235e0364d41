"""Whatever stands in one cell, its row alone is judged by it: no blocking check can stop the run.

Every kind of value is put into every column of every source, one cell a row, all at once: so what
is a name in one row stands in other fields of others.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.cohort.checks import open_columns
from safer_streets_assets.cohort.expectations import Suites, frames_of
from safer_streets_assets.cohort.identifiers import count_identifying, find_identifiers
from safer_streets_assets.cohort.suites import suite_of
from safer_streets_assets.disclosure.aggregate import aggregate, define_lists
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.vocabulary import FORMULA_STARTS
from safer_streets_assets.policy.words import words_of
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    BASE_ROWS,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    build_cohort,
    data_folder,
    fetch,
    load_rows,
    open_gates,
    shipped_policy,
    stores_in_memory,
)

COUNTED = {"cohort", "not_assigned", "linkage", "training"}
"""The margins of the tables that are counted from the rows thrown, without a later stage."""
CANARY = "Zephyrquill"
OWN_ID = {ATTENDEE: "respid", CHECKIN: "ResponseID", TRAINING: "Form", NOVO: "Reference"}
PEOPLE = {
    "held manager": ["Priya Nandakumar", "priya  nandakumar", "Nandakumar, Priya", "Nandakumar"],
    "held person": ["FENWICK, Darnell", "Darnell Fenwick", "fenwick darnell", "Fenwick"],
    "somebody": [f"{CANARY} Ada", f"Ada {CANARY}", CANARY, f"O'{CANARY}-Smythe", f"{CANARY}\u00e9"],
    "called as a word": ["Lambeth", "Fine", "Holm", "Total", "Group", "Tower Hamlets", "Male"],
    "called as a number": ["2020-01", "00826", "2019", "12", "5.0"],
}
CRNS = ["A100001", "a 100-001", "Z999999", "A12345", "A1234567", "Z99999\u0669", "see Z999999 too"]
NOTHING = ["", " ", "\u00a0", "\u200b", "\ufeff", "-", "--", "?", "???", ".", "/", "_", "\u2013"]
DATES = [
    *(
        "13/01/2020",
        "2020-01-13",
        "13-Jan-2020",
        "13 January 2020",
        "43843",
        "43843.5",
        "13.01.2020",
    ),
    *(
        "2020-01-13 00:00:00.000",
        "2020-01-13T00:00:00.000Z",
        "01/13/2020",
        "31/02/2020",
        "13/01/20",
    ),
    *("2019", "01/01/2019", "01/01/1900", "01/01/1905", "31/12/1899", "01/01/2029", "01/01/2999"),
    *(
        "9999-12-31",
        "0000-00-00",
        "00/00/0000",
        "1/1/1",
        "29/02/2020",
        "29/02/2019",
        "13/01/2020 25:61",
    ),
    *("25/10/2020 01:30", "2020-10-25 01:30:00", "yesterday", "Jan 2020", "2020-W03", "20200113"),
]
NUMBERS = [
    *("0", "1", "-1", "00000", "1e5", "1E400", "99999", "2147483648", "9223372036854775808", "0.5"),
    *("1,000", "1.0", "NaN", "inf", "-inf", "0x10", "\u0661\u0662", "\u00bd", "12.", "+5", "1/2"),
]
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/","x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
]
CONTACTS = [
    f"14 {CANARY} Road E14 9XX",
    "07700 900123",
    "+44 7700 900123",
    f"{CANARY.lower()}@example.org",
    "Community Order - rang mum 07700 900123",
]
ODD = [
    *(
        "'",
        '"',
        "';DROP TABLE x;--",
        "\\",
        "%s",
        "{0}",
        "{{",
        "$1",
        "\x00",
        "a\x00b",
        "\x1b[31m",
        "\n",
    ),
    *(
        "<b>x</b>",
        '{"a": 1}',
        "[]",
        "a;b,c\td",
        "\u202eevil",
        "\ud7ff",
        "\U0001f512",
        "e\u0301" * 30,
    ),
    *(
        "#N/A",
        "#REF!",
        "#NAME?",
        "true",
        "None",
        "f" * 64,
        "x" * 32000,
        "Z" * 300,
        "\ufb01ne",
        "\uff2cambeth",
    ),
]
WORDS = [
    *("LB Lambeth", "Lambeth (LB)", "lambeth or southwark", "Reading", "Outside London", "London"),
    *("THAMES MAGS", "Thames Magistrates\u2019 Court", "Luton Crown Court", "Court 5", "SSO"),
    *(
        "Fine \u00a350",
        "6 months",
        "Completed",
        "complete",
        "Gone",
        "Unallocated",
        "Vacant",
        "Yes",
        "y",
    ),
    *("No", "M", "F", "X", "Other or not known", "Group", "1:1", "99", "03", "A", "Not recorded"),
    *("Borough not known", "Other court or not known", "eligible", "start-end", "2020-01"),
]


def kinds() -> list[str]:
    """Every kind of value, some 200 of them."""
    listed = [*CRNS, *NOTHING, *DATES, *NUMBERS, *FORMULAS, *CONTACTS, *ODD, *WORDS]
    listed += [name for names in PEOPLE.values() for name in names]
    listed += [text.upper() for text in shipped_policy().vocabulary.missing if text]
    return list(dict.fromkeys(listed))


def mutated(source: str, values: list[str], first: int) -> list[dict[str, str | None]]:
    """A row for each column and value, each with an identity of its own unless that is changed."""
    rows: list[dict[str, str | None]] = []
    neighbours = [text for text in BASE_ROWS[source].values() if text]
    for column in BASE_ROWS[source]:
        for value in dict.fromkeys([*values, *neighbours]):
            row = {**BASE_ROWS[source], "CRN": f"B{first + len(rows):06}"}
            if source in OWN_ID:
                row[OWN_ID[source]] = str(first + len(rows))
            rows.append({k: v for k, v in row.items() if k in BASE_ROWS[source]} | {column: value})
    return rows


@pytest.fixture(scope="module")
def thrown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A store into which every mutated row was thrown, names last, so that they are news."""
    values = kinds()
    assert len(values) >= 200
    root: Path = tmp_path_factory.mktemp("any_row")
    with stores_in_memory() as connection:
        for turn, source in enumerate((TRAINING, NOVO, CRC, ATTENDEE, CHECKIN, NPS)):
            rows = mutated(source, values, 100_000 * (turn + 1))
            random.Random(turn).shuffle(rows)
            half = len(rows) // 2
            load_rows(connection, source, rows[:half], drop=1)
            load_rows(connection, source, rows[half:], drop=2)
        build_cohort(connection, data_folder(root))
        yield connection


@pytest.mark.thorough
def test_no_blocking_check_of_a_conformed_table_fails(
    thrown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    suites, failed = Suites(), []
    for source, table in shipped_policy().dpia.conformed_tables.items():
        if source in policy.sources:
            suite = [e for e in suite_of(policy, source, now_utc()) if e.blocking]
            results = suites.run(frames_of(thrown, policy, source), suite)
            failed += [(table, result) for result in results if not result.passed]
            assert fetch(thrown, f"SELECT count(*) FROM research.{table}") != [(0,)]
    assert failed == []


def test_no_identifier_is_found_where_there_may_be_none(
    thrown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    found = find_identifiers(thrown, policy, open_columns(policy))
    assert (found.values, found.tables) == (0, ())


def test_every_category_of_every_table_is_a_word_of_the_policy(
    thrown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    define_lists(thrown, policy)
    open_gates(thrown)
    printed = set()
    for name, spec in policy.tables.tables.items():
        if spec.margins_of not in COUNTED:
            continue
        frame = aggregate(thrown, policy, name)
        for dimension in spec.dimensions:
            column = policy.tables.dimensions[dimension].column or dimension
            found = set(frame[column].astype(str)) - {"Total"}
            words = words_of(policy, dimension)
            assert all(map(words.hold, found)), (name, column)
            printed |= found
    assert len(printed) > 50
    assert not [text for text in printed if text.startswith(FORMULA_STARTS)]
    assert count_identifying(thrown, policy, printed) == 0


def test_most_rows_go_on_and_each_one_set_aside_has_a_reason_and_a_column(
    thrown: duckdb.DuckDBPyConnection,
) -> None:
    [(loaded, read)] = fetch(
        thrown, "SELECT sum(rows_loaded), sum(rows_read) FROM restricted.loaded_drops"
    )
    assert loaded > 0.2 * read
    whole = fetch(
        thrown,
        "SELECT count(*) FROM restricted.set_aside_rows WHERE len(problems) = 0 OR "
        "len(list_filter(problems, lambda p: p.field IS NULL)) > 0",
    )
    assert whole == [(0,)]
