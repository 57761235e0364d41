from __future__ import annotations

from typing import Any

import pytest

from safer_streets_assets.attitudes.errors import QuestionnaireError
from safer_streets_assets.attitudes.instrument import Instrument, Norm
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, questionnaire


def test_scales_of_several_items_are_primary_and_single_items_exploratory() -> None:
    assert [scale.code for scale in INSTRUMENT.primary] == ["OFF", "KNF", "GOAL"]
    assert [scale.code for scale in INSTRUMENT.exploratory] == ["W1", "W2", "W3", "W4"]


def test_only_the_anxiety_item_is_better_when_lower() -> None:
    lower = [s.code for s in INSTRUMENT.scales if s.direction_label == "lower is better"]
    assert lower == ["W4"]
    assert INSTRUMENT.scale("W4").benefit_sign == -1


def test_missing_codes_are_told_apart_by_their_labels_whatever_their_numbers() -> None:
    source = questionnaire()
    source["missing_codes"] = {
        "7": "Not answered",
        "8": "Don\u2019t know",
        "9": "Prefer not to say",
    }
    missing = Instrument.from_mapping(source).scale("OFF").missing
    assert (missing.dont_know, missing.prefer_not, missing.not_answered) == (8, 9, 7)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("OFF", "min_answered", 6),
        ("OFF", "min_answered", 0),
        ("OFF", "direction", "sideways"),
        ("OFF", "range", [5, 1]),
        ("OFF", "range", [1, 97]),
        ("OFF", "range", None),
    ],
)
def test_a_scale_that_cannot_be_scored_is_refused(part: str, key: str, value: Any) -> None:
    source = questionnaire()
    source["scales"][part][key] = value
    with pytest.raises(QuestionnaireError):
        Instrument.from_mapping(source)


@pytest.mark.parametrize(("key", "value"), [("key", 0), ("key", None), ("id", "A2")])
def test_an_item_without_a_sound_key_or_a_name_of_its_own_is_refused(key: str, value: Any) -> None:
    source = questionnaire()
    source["items"][0][key] = value
    with pytest.raises(QuestionnaireError):
        Instrument.from_mapping(source)


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(QuestionnaireError):
        INSTRUMENT.scale("NOPE")


def test_a_norm_is_read_where_the_questionnaire_gives_one_and_there_is_none_by_default() -> None:
    source = questionnaire()
    source["scales"]["KNF"]["norm"] = {"mean": 4.1, "sd": 0.6, "source": "A survey (2020)"}
    found = Instrument.from_mapping(source)
    assert found.scale("KNF").norm == Norm(4.1, 0.6, "A survey (2020)")
    assert found.scale("OFF").norm is None
    assert all(scale.norm is None for scale in INSTRUMENT.scales)


@pytest.mark.parametrize(
    "norm",
    [
        {"mean": 4.1, "sd": 0.6},
        {"mean": 4.1, "sd": 0, "source": "x"},
        {"mean": 4.1, "sd": -1, "source": "x"},
        {"mean": 5.1, "sd": 1, "source": "x"},
        {"mean": 3, "sd": 4.5, "source": "x"},
        {"mean": "high", "sd": 1, "source": "x"},
        {"mean": float("nan"), "sd": 1, "source": "x"},
    ],
)
def test_a_norm_that_cannot_be_of_the_scale_is_refused(norm: dict[str, Any]) -> None:
    source = questionnaire()
    source["scales"]["OFF"]["norm"] = norm
    with pytest.raises(QuestionnaireError):
        Instrument.from_mapping(source)
