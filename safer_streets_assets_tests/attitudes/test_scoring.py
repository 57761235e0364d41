from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.scoring import (
    SCORE_COLUMNS,
    choose_responses,
    score_responses,
)
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, responses

OFF_ITEMS = INSTRUMENT.scale("OFF").item_codes


def chosen(*rows: dict[str, Any]) -> list[int]:
    return choose_responses(responses(*rows))["respid"].tolist()


def row_of(scale: str, **answers: Any) -> pd.Series:
    scores = score_responses(responses(answers), INSTRUMENT)
    return scores[scores["scale"] == scale].iloc[0]


def test_the_first_complete_response_counts() -> None:
    late = {"respid": 1, "interview_start": "2020-03-02"}
    early = {"respid": 2, "interview_start": "2020-03-01"}
    assert chosen(late, early) == [2]


def test_a_complete_response_beats_an_earlier_partial_one() -> None:
    partial = {"respid": 1, "status": 3, "interview_start": "2020-01-01"}
    complete = {"respid": 2, "status": 1, "interview_start": "2020-02-01"}
    assert chosen(partial, complete) == [2]


def test_with_none_complete_the_first_partial_response_counts() -> None:
    later = {"respid": 1, "status": 3, "interview_start": "2020-02-01"}
    first = {"respid": 2, "status": 3, "interview_start": "2020-01-01"}
    assert chosen(later, first) == [2]


def test_a_screened_out_response_never_counts() -> None:
    assert chosen({"respid": 1, "status": 2}) == []


def test_ties_go_to_the_smaller_respid_as_a_number() -> None:
    frame = responses({"respid": "10"}, {"respid": "9"})
    assert choose_responses(frame)["respid"].tolist() == ["9"]


def test_an_unknown_interview_time_comes_last() -> None:
    assert chosen({"respid": 1, "interview_start": None}, {"respid": 2}) == [2]


def test_each_wave_and_person_keeps_its_own_response_and_nobody_keeps_none() -> None:
    rows = [
        {"respid": 1, "wave": 1},
        {"respid": 2, "wave": 3},
        {"respid": 3, "person_id": "q"},
        {"respid": 4, "person_id": None},
    ]
    assert sorted(chosen(*rows)) == [1, 2, 3]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_choice_does_not_depend_on_the_order_of_rows(data: st.DataObject) -> None:
    row = st.fixed_dictionaries(
        {
            "person_id": st.sampled_from(["p", "q"]),
            "wave": st.integers(1, 3),
            "status": st.integers(1, 3),
            "interview_start": st.sampled_from(["2020-01-01", "2020-01-02", None]),
        }
    )
    rows = [{"respid": i} | r for i, r in enumerate(data.draw(st.lists(row, max_size=12)))]
    frame = responses(*rows)
    order = data.draw(st.permutations(range(len(rows))))
    again = choose_responses(frame.iloc[list(order)])
    assert again["respid"].tolist() == choose_responses(frame)["respid"].tolist()


def test_reversed_items_are_reversed() -> None:
    row = row_of("OFF", A1=5, A2=1, A3=5, A4=1, A5=5)
    assert row["score"] == 5


def test_a_score_is_the_mean_of_the_answered_items_and_says_what_is_missing() -> None:
    row = row_of("OFF", A1=4, A2=97, A3=5, A4=None, A5=4)
    assert row["score"] == pytest.approx(13 / 3)
    assert row[SCORE_COLUMNS[5:]].tolist() == [3, 5, 1, 0, 0, 1]


def test_fewer_answers_than_the_half_rule_asks_give_no_score() -> None:
    row = row_of("OFF", A1=4, A2=98, A3=99, A4=97, A5=4)
    assert row["score"] is pd.NA
    assert row[SCORE_COLUMNS[5:]].tolist() == [2, 5, 1, 1, 1, 0]


def test_single_items_are_scored_one_by_one_in_their_own_direction() -> None:
    assert row_of("W4", W4=10)["score"] == 10
    assert row_of("W1", W1=99)["score"] is pd.NA


@pytest.mark.parametrize("value", [0, 6, 42, -1])
def test_a_value_out_of_range_is_an_error_that_names_the_column_and_not_the_value(
    value: int,
) -> None:
    with pytest.raises(AttitudesError, match="column A3") as caught:
        score_responses(responses({"A3": value, "person_id": "secret"}), INSTRUMENT)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_text_in_an_item_is_an_error_without_the_text() -> None:
    frame = responses({})
    frame["K2"] = ["Jo Bloggs"]
    with pytest.raises(AttitudesError, match="column K2") as caught:
        score_responses(frame, INSTRUMENT)
    assert "Bloggs" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_missing_column_is_an_error_that_names_it() -> None:
    with pytest.raises(AttitudesError, match="column G2"):
        score_responses(responses({}).drop(columns="G2"), INSTRUMENT)


def test_no_responses_give_an_empty_frame_of_the_same_columns_and_types() -> None:
    empty = score_responses(responses(), INSTRUMENT)
    full = score_responses(responses({}), INSTRUMENT)
    assert empty.empty
    assert list(empty.columns) == SCORE_COLUMNS
    assert empty["score"].dtype == full["score"].dtype == "Float64"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, 97, 98, 99, None]), min_size=5, max_size=5))
def test_scores_stay_in_range_and_the_kinds_of_missing_add_up(answers: list[int | None]) -> None:
    row = row_of("OFF", **dict(zip(OFF_ITEMS, answers, strict=True)))
    assert row[SCORE_COLUMNS[7:]].sum() + row["n_answered"] == 5
    assert (row["n_answered"] >= 3) == (row["score"] is not pd.NA)
    if row["n_answered"] >= 3:
        assert 1 <= row["score"] <= 5
