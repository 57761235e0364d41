"""The redacted copy of free texts in the research store follows what is held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake.judged_again import judge_again, uncertain_texts
from safer_streets_assets.intake.name_decisions import decide_names
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.texts.redacted_texts import (
    count_redactions,
    make_redacted_texts,
    texts_left_to_mask,
    texts_that_name,
)
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    NOVO,
    NPS,
    TRAINING,
    build_cohort,
    crn,
    every_text,
    fetch,
    load_rows,
    people_rows,
    rows_of,
)

NOW = datetime(2021, 2, 1, 9, 30)


def held(connection: duckdb.DuckDBPyConnection, *names: str, drop: int = 1, **row: Any) -> None:
    """Makes names held, as those of people NPS sent."""
    rows = [
        {**one, "Offender Name": name, **row}
        for one, name in zip(people_rows(NPS, len(names), first=10 * drop), names, strict=True)
    ]
    load_rows(connection, NPS, rows, drop=drop)


def comments(connection: duckdb.DuckDBPyConnection, *texts: str, drop: int = 1) -> None:
    """Loads check-ins of as many people, with comments."""
    rows = [
        {**row, "Comments": text}
        for row, text in zip(people_rows(CHECKIN, len(texts), first=50), texts, strict=True)
    ]
    load_rows(connection, CHECKIN, rows, drop=drop)


def redacted(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> list[str]:
    """The copy after a run, in the order of the rows that it is of."""
    build_cohort(connection, folder, NPS)
    make_redacted_texts(connection, policy)
    count_redactions(connection)
    return [
        text
        for (text,) in fetch(
            connection,
            "SELECT text FROM research.redacted_texts LEFT JOIN restricted.person_pseudonyms "
            "USING (person_id) ORDER BY source, crn_key, field, reference",
        )
    ]


def test_whoever_is_held_is_masked_in_every_free_text(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell Wayne", **{"Offender Manager Name": "Siobhan Gallagher"})
    comments(memory, "Darnell Fenwick was late, call Siobhan on 07700 900123", "All well")
    row = {"M2": f"I am fenwick, {crn(10)}", "X5": "born 12/03/1995, at 27 Mortlake Road SE15 4AB"}
    load_rows(memory, ATTENDEE, rows_of(ATTENDEE, {"CRN": crn(50), **row}))
    load_rows(memory, NOVO, rows_of(NOVO, {"Summary": "A theme"}))
    assert redacted(memory, folder, policy) == [
        "A theme",
        "I am [NAME], [CRN]",
        "born [DATE OF BIRTH], at [ADDRESS] [POSTCODE]",
        "[NAME] was late, call [NAME] on [PHONE]",
        "All well",
    ]
    counted = (
        "SELECT source, kind, texts, with_it, masked FROM research.redaction_counts "
        "WHERE masked > 0 ORDER BY ALL"
    )
    assert fetch(memory, counted) == [
        (ATTENDEE, "addresses", 2, 1, 1),
        (ATTENDEE, "births", 2, 1, 1),
        (ATTENDEE, "crns", 2, 1, 1),
        (ATTENDEE, "names", 2, 1, 1),
        (ATTENDEE, "postcodes", 2, 1, 1),
        (CHECKIN, "names", 2, 1, 2),
        (CHECKIN, "phones", 2, 1, 1),
    ]


def test_a_new_name_is_masked_in_texts_of_long_ago(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    comments(memory, "Spoke with Zephyrquill")
    assert redacted(memory, folder, policy) == ["Spoke with Zephyrquill"]
    held(memory, "ZEPHYRQUILL, Ada", drop=2)
    assert texts_left_to_mask(memory, policy) == 1
    assert redacted(memory, folder, policy) == ["Spoke with [NAME]"]
    assert texts_left_to_mask(memory, policy) == 0


def test_a_corrected_text_takes_the_place_of_the_first(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    comments(memory, "Darnell was late")
    comments(memory, "Fenwick was ill", drop=2)
    assert redacted(memory, folder, policy) == ["[NAME] was ill"]


def test_the_row_of_a_text_is_found(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    comments(memory, "One", "Two")
    load_rows(memory, ATTENDEE, rows_of(ATTENDEE, {"CRN": crn(50), "M2": "Three"}))
    load_rows(memory, TRAINING, rows_of(TRAINING, {"Form": "7", "Improve": None}))
    redacted(memory, folder, policy)
    build_cohort(memory, folder, ATTENDEE, CHECKIN)
    found = (
        "SELECT text FROM research.redacted_texts JOIN research.{} AS row USING (person_id) "
        "WHERE source = '{}' AND reference = {} ORDER BY 1"
    )
    answer = found.format("attendee_responses", ATTENDEE, "response_number::VARCHAR")
    checkin = found.format("facilitator_checkins", CHECKIN, "session || ' ' || session_date")
    assert fetch(memory, answer) == [("Three",)]
    assert fetch(memory, checkin) == [("One",), ("Two",)]
    form = "SELECT person_id, reference FROM research.redacted_texts WHERE source = ?"
    assert fetch(memory, form, TRAINING) == [(None, "7")]


def test_a_name_of_a_row_that_was_set_aside_is_masked_as_well(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    bad = {"CRN": "none", "Offender Name": "ZEPHYRQUILL, Ada", "Date of Birth": "01/02/1987"}
    load_rows(memory, NPS, rows_of(NPS, bad), drop=2)
    assert fetch(memory, "SELECT count(*) FROM restricted.set_aside_rows") == [(1,)]
    comments(memory, "Zephyrquill, 1 February 1987")
    assert redacted(memory, folder, policy) == ["[NAME], [DATE OF BIRTH]"]


def test_a_name_stays_masked_when_it_is_no_longer_held(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell", "ZEPHYRQUILL, May")
    texts = ("Zephyrquill and May in May 2020", "May I ask for more?")
    comments(memory, *texts)
    before = ["[NAME] and [NAME] in May 2020", "May I ask for more?"]
    assert redacted(memory, folder, policy) == before
    memory.execute(f"DELETE FROM restricted.{NPS}_raw WHERE crn_key = '{crn(11)}'")
    assert redacted(memory, folder, policy) == before
    # A later drop with the same text, as a cumulative export has it.
    comments(memory, *texts, drop=2)
    assert redacted(memory, folder, policy) == before


def test_what_is_kept_of_masked_words_names_nobody_and_goes_with_the_texts(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "ZEPHYRQUILL, Ada")
    comments(memory, "Zephyrquill", "Ada")
    redacted(memory, folder, policy)
    kept = fetch(memory, "SELECT crn_key, word_id FROM restricted.masked_words ORDER BY 1")
    assert [crn_key for crn_key, _ in kept] == [crn(50), crn(51)]
    assert all(len(word) == 64 for _, word in kept)
    memory.execute(f"DELETE FROM restricted.{CHECKIN}_raw WHERE crn_key = '{crn(51)}'")
    redacted(memory, folder, policy)
    assert fetch(memory, "SELECT crn_key FROM restricted.masked_words") == [(crn(50),)]


@pytest.mark.parametrize("is_name", [True, False])
def test_an_anonymous_text_in_doubt_is_masked_until_somebody_decides(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, is_name: bool
) -> None:
    held(memory, "YOUNG, Peregrine", "ZEPHYRQUILL, Ada")
    said = ["I liked Zephyrqill", *["Role play"] * 20]
    rows = rows_of(
        TRAINING, *({"Form": str(n), "Most useful": t, "Improve": None} for n, t in enumerate(said))
    )
    load_rows(memory, TRAINING, rows)
    judge_again(memory, policy, TRAINING)
    assert "I liked [NAME]" in redacted(memory, folder, policy)
    [asked] = uncertain_texts(memory, policy)
    decide_names(memory, [asked], {asked.text_id: is_name}, "ada", NOW)
    judge_again(memory, policy, TRAINING)
    assert ("I liked Zephyrqill" in redacted(memory, folder, policy)) is not is_name
    assert "I liked [NAME]" not in redacted(memory, folder, policy)


def test_redacting_again_changes_nothing(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "HOPE, Will", "YOUNG, May")
    comments(memory, "Will Hope came in May", "I hope Will will", "Young men, may be")
    first = redacted(memory, folder, policy)
    assert redacted(memory, folder, policy) == first
    assert first[0] == "[NAME] came in May"
    assert not [text for text in every_text(memory, "research") if "Hope" in text]


def test_texts_of_any_kind_that_surely_name_somebody_are_counted(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    named = ["Darnell Fenwick said so", f"{crn(10)} said so"]
    assert texts_that_name(memory, policy, [*named, "[NAME] said so", "Nobody did"]) == 2
    assert texts_that_name(memory, policy, []) == 0


def test_without_any_text_the_copy_is_empty(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    held(memory, "FENWICK, Darnell")
    assert redacted(memory, folder, policy) == []
    assert fetch(memory, "SELECT count(*) FROM research.redaction_counts") == [(0,)]
