from __future__ import annotations

import pandas as pd

from safer_streets_assets.attitudes.example import example_responses
from safer_streets_assets.attitudes.scoring import choose_responses, score_responses
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, ITEMS


def test_the_same_arguments_give_the_same_rows_and_another_seed_others() -> None:
    for one, other in zip(example_responses(30, 5), example_responses(30, 5), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert not example_responses(30, 5)[0].equals(example_responses(30, 6)[0])


def test_the_example_is_untidy_as_real_responses_are() -> None:
    responses, people = example_responses()
    assert len(people) == 120
    assert responses.duplicated(["person_id", "wave"]).any()
    assert responses[ITEMS].isin([97, 98, 99]).any(axis=None)
    assert responses[ITEMS].isna().any(axis=None)
    per_wave = responses.groupby("wave")["person_id"].nunique()
    assert per_wave[1] == len(people) > per_wave[3]


def test_scores_of_the_example_rise_but_for_the_item_whose_fall_is_better() -> None:
    scores = score_responses(choose_responses(example_responses(400)[0]), INSTRUMENT)
    means = scores.groupby(["scale", "wave"])["score"].mean()
    for scale in INSTRUMENT.scales:
        rise = means[scale.code, 3] - means[scale.code, 1]
        assert rise * scale.benefit_sign > 0


def test_nobody_is_an_example_too() -> None:
    responses, people = example_responses(0)
    assert len(responses) == len(people) == 0
    assert score_responses(choose_responses(responses), INSTRUMENT).empty
