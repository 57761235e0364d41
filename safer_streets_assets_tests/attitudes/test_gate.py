from __future__ import annotations

import pandas as pd
import pytest

from safer_streets_assets.attitudes.gate import gate_status, pairs_on_primary_scales
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, scores


@pytest.mark.parametrize(("n", "is_open"), [(0, False), (99, False), (100, True), (101, True)])
def test_the_gate_opens_at_the_number_and_not_below(n: int, is_open: bool) -> None:
    assert gate_status(n, 100).is_open is is_open


def test_the_sentence_says_how_many_there_are_and_how_many_are_needed() -> None:
    closed = gate_status(42, 100)
    assert closed.sentence == "Not made: there are 42 start-end pairs and 100 are needed."
    assert gate_status(120, 100).sentence.startswith("Open")


def test_pairs_are_the_people_with_every_primary_scale_at_both_waves() -> None:
    source = pd.concat(
        [
            scores("OFF", {1: [3, 3, 3, 3], 3: [4, 4, 4, 4]}),
            scores("KNF", {1: [3, 3, 3, 3], 3: [4, None, 4, 4]}),
            scores("GOAL", {1: [3, 3, None, 3], 3: [4, 4, 4, 4]}),
            scores("W1", {1: [3], 3: [4]}),
        ]
    )
    assert pairs_on_primary_scales(source, people(4), INSTRUMENT) == 2
    assert pairs_on_primary_scales(source, people(3), INSTRUMENT) == 1


def test_a_scale_without_any_score_keeps_the_gate_closed() -> None:
    source = scores("OFF", {1: [3], 3: [4]})
    assert pairs_on_primary_scales(source, people(1), INSTRUMENT) == 0
