"""The parent believes its child only as far as it can check."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.intake.readers import REASONS, UnreadableDrop
from safer_streets_assets.intake.readers.protocol import (
    ProtocolError,
    drop_from,
    frame,
    request_from,
    request_message,
    table_message,
)
from safer_streets_assets.intake.readers.table import Table
from safer_streets_assets_tests.intake.readers.builders import request_for

REQUEST = request_for(Path("/landing/drop"), passwords=("p",))
ANSWER: dict[str, Any] = {
    "format": "csv",
    "columns": {"crn": "A\x7fB"},
    "row_numbers": [2, 3],
    "position": None,
    "dropped": [],
    "ragged": [],
    "sheet": None,
    "guidance": [[1, 2]],
}


def test_a_request_survives_the_journey() -> None:
    assert request_from(json.loads(frame(request_message(REQUEST))[8:])) == REQUEST


def test_a_cell_that_holds_the_separator_survives_the_journey() -> None:
    table = Table({"crn": ["A\x7f", "", 'q"\n']}, [2, 3, 4], None, [], [])
    drop = drop_from(frame(table_message("csv", table))[8:], REQUEST)
    assert drop.columns["crn"] == ["A\x7f", None, 'q"\n']


@pytest.mark.parametrize(
    "change",
    [
        {"format": "exe"},
        {"columns": {"offender_name": "A\x7fB"}},
        {"columns": {"crn": "A"}},
        {"columns": {"crn": ["A"]}},
        {"position": "yesterday"},
        {"row_numbers": None},
        {"guidance": [1]},
        {"guidance": [["Persephone", 1]]},
        {"refused": "F-NO-SUCH-CODE", "headers": []},
        {"refused": "F-NO-COLUMN", "headers": ["Persephone"]},
    ],
)
def test_an_answer_that_was_not_asked_for_is_not_believed(change: dict[str, Any]) -> None:
    assert drop_from(json.dumps(ANSWER).encode(), REQUEST).row_numbers == [2, 3]
    with pytest.raises(ProtocolError):
        drop_from(json.dumps(ANSWER | change).encode(), REQUEST)


def test_every_reason_is_one_sentence_that_says_what_to_do() -> None:
    for code, reason in REASONS.items():
        sentence = reason.sentence(("CRN",))
        assert code == reason.code
        assert code.startswith("F-")
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "{" not in sentence


def test_a_refusal_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(UnreadableDrop("F-NO-COLUMN", ("CRN",))))
    assert (copy.code, copy.headers) == ("F-NO-COLUMN", ("CRN",))
    assert "'CRN'" in str(copy)
