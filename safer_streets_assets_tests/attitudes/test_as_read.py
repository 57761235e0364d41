"""What `pandas.read_csv` gives: waves, codes and ids as whole numbers, floats or text."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes import (
    AttitudesError,
    alpha_table,
    change_summary,
    choose_responses,
    score_responses,
    wave_model,
)
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, responses

TYPES = ["int64", "float64", "str", "object", "Int64", "Float64", "string"]
TYPE = st.sampled_from(TYPES)
ROW = st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 2, 3]), st.integers(1, 5))
ROWS = st.lists(ROW, min_size=1, max_size=9)


def made(rows: list[tuple[int, int, int, int]]) -> pd.DataFrame:
    """Responses of people 1 to 3 at waves 1 to 3, whose items are all the last number."""
    items = [code for scale in INSTRUMENT.scales for code in scale.item_codes]
    return responses(
        *(
            {"person_id": person, "respid": at, "wave": wave, "status": status}
            | dict.fromkeys(items, answer)
            for at, (person, wave, status, answer) in enumerate(rows)
        )
    )


def results(frame: pd.DataFrame, people: pd.DataFrame) -> list[pd.DataFrame]:
    chosen = choose_responses(frame)
    scores = score_responses(chosen, INSTRUMENT)
    return [
        chosen[["wave", "status"]],
        chosen[["respid"]].astype("Int64"),
        scores[["wave", "scale", "score"]],
        alpha_table(chosen, INSTRUMENT),
        change_summary(scores, people, INSTRUMENT).table,
        wave_model(scores, people, INSTRUMENT),
    ]


@settings(deadline=None, max_examples=25)
@given(ROWS, st.tuples(TYPE, TYPE, TYPE, TYPE), TYPE)
def test_ids_waves_and_status_of_any_type_give_the_same(rows, types, of_people) -> None:
    frame, people = made(rows), pd.DataFrame({"person_id": [1, 2, 3]})
    columns = ["person_id", "respid", "wave", "status"]
    other = frame.astype(dict.fromkeys(columns, "int64")).astype(
        dict(zip(columns, types, strict=True))
    )
    expected = results(frame, people)
    for found, own in zip(results(other, people.astype(of_people)), expected, strict=True):
        pd.testing.assert_frame_equal(found, own)


def test_a_file_with_gaps_and_text_among_its_ids_is_read_as_it_is() -> None:
    text = (
        "person_id,respid,wave,status,interview_start\n"
        "7,1,1,3,2020-01-01\n7,2,1,1,2020-01-02\n,3,1,1,2020-01-01\nx9,4,,1,2020-01-01\n"
        "x9,5,2,1,2020-01-01\n"
    )
    frame = pd.read_csv(io.StringIO(text))
    assert choose_responses(frame)["respid"].tolist() == [2, 5]


def test_ids_of_two_types_in_one_column_are_the_same_person() -> None:
    """`read_csv` reads a large file in pieces, each with a type of its own."""
    frame = made([(1, 1, 3, 2), (1, 1, 1, 4)]).astype({"person_id": object})
    frame.loc[0, "person_id"] = "1"
    assert choose_responses(frame)["respid"].tolist() == [1]


@pytest.mark.parametrize("column", ["wave", "status"])
@pytest.mark.parametrize("value", ["start", 1.5, float("inf")])
def test_what_is_no_whole_number_is_refused_without_its_value(column: str, value: object) -> None:
    frame = made([(1, 1, 1, 3), (2, 1, 1, 3)]).astype({column: object})
    frame.loc[1, column] = value
    with pytest.raises(AttitudesError, match=column) as caught:
        choose_responses(frame)
    assert str(value) not in str(caught.value)
