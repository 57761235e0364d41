"""Text as it arrived is a word of a list in every conformed table, and is shown by count alone."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.cohort.unknown_words import unknown_words
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    Row,
    build_cohort,
    crn,
    fetch,
    load_rows,
    rows_of,
)

CANARY = "Zephyrquill Road"
UNKNOWN: list[Row] = [
    {"CRN": crn(1), "Borough": f"Flat 2, {CRC} {CANARY}"},
    {"CRN": crn(2), "Borough": f"Flat 2, {CRC} {CANARY}", "Court": f"={CANARY}"},
    {"CRN": crn(3), "Borough": f"@{CANARY}", "Resulting Sentence": f"Fine, {CANARY}"},
    {"CRN": crn(4), "Borough": "LB\u00a0tower-hamlets", "Proposed Sentence": f"+{CANARY}"},
]


@pytest.fixture
def conformed(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A store into which the rows above and a row of CRC were loaded, and what is made of them."""
    load_rows(memory, NPS, rows_of(NPS, *UNKNOWN))
    crc = {"CRN": crn(1), "Borough of residence": CANARY, "Sentence type": "N/A"}
    load_rows(memory, CRC, rows_of(CRC, crc), drop=2)
    build_cohort(memory, folder)
    return memory


def test_what_is_on_no_list_is_its_other_word(conformed: duckdb.DuckDBPyConnection) -> None:
    found = fetch(
        conformed,
        "SELECT borough, court, resulting_sentence, proposed_sentence FROM research.court_cases "
        "JOIN restricted.person_pseudonyms USING (person_id) ORDER BY crn_key",
    )
    nowhere, thames, order = (
        "Borough not known",
        "Thames Magistrates' Court",
        "Community Order",
    )
    assert found == [
        (nowhere, thames, order, order),
        (nowhere, "Other court or not known", order, order),
        (nowhere, thames, "Other sentence or not known", order),
        ("Tower Hamlets", thames, order, "Other sentence or not known"),
    ]


def test_a_blank_of_a_field_that_may_be_blank_stays_one(
    conformed: duckdb.DuckDBPyConnection,
) -> None:
    assert fetch(conformed, "SELECT sentence_type FROM research.programme_cases") == [(None,)]


def test_every_text_that_stands_for_another_word_is_kept_as_it_arrived(
    conformed: duckdb.DuckDBPyConnection,
) -> None:
    raw = fetch(conformed, 'SELECT borough FROM restricted."nps_court_outcomes_raw"')
    assert {text for (text,) in raw} == {row["Borough"] for row in UNKNOWN}


def test_unknown_words_are_counted_by_source_and_field(
    conformed: duckdb.DuckDBPyConnection,
) -> None:
    query = "SELECT source, field, texts, rows FROM registers.unknown_words ORDER BY ALL"
    assert fetch(conformed, query) == [
        (CRC, "borough", 1, 1),
        (NPS, "borough", 2, 3),
        (NPS, "court", 1, 1),
        (NPS, "proposed_sentence", 1, 1),
        (NPS, "resulting_sentence", 1, 1),
    ]


@pytest.mark.thorough
def test_the_unit_is_shown_each_unknown_word_of_the_latest_rows_once(
    conformed: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    found = unknown_words(conformed, policy)
    assert [(w.source, w.field, w.rows) for w in found if w.words == "boroughs"] == [
        (NPS, "borough", 2),
        (NPS, "borough", 1),
        (CRC, "borough", 1),
    ]
    assert all(CANARY in word.text for word in found)
    assert CANARY not in repr(found)


def test_nothing_of_an_unknown_word_is_in_the_research_store_or_the_registers(
    conformed: duckdb.DuckDBPyConnection,
) -> None:
    columns = fetch(
        conformed,
        "SELECT database_name, schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name IN ('research', 'registers') AND data_type LIKE '%VARCHAR%'",
    )
    assert columns
    for database, schema, table, column in columns:
        held = fetch(conformed, f'SELECT "{column}"::VARCHAR FROM {database}.{schema}."{table}"')
        assert not [text for (text,) in held if text and CANARY in text]
