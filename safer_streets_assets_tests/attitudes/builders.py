"""Invented questionnaires, responses, scores and people for the attitude tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from safer_streets_assets.attitudes.instrument import Instrument

MISSING = {"97": "Don't know", "98": "Prefer not to say", "99": "Not answered / skipped"}


def questionnaire() -> dict[str, Any]:
    """A questionnaire of the agreed structure: three primary scales and four single items."""
    scales: dict[str, Any] = {
        code: {
            "name": code.lower(),
            "items": size,
            "range": [1, 5],
            "score": "mean",
            "analysis": "primary",
            "min_answered": least,
            "direction": "higher_better",
        }
        for code, size, least in (("OFF", 5, 3), ("KNF", 5, 3), ("GOAL", 4, 2))
    }
    scales["ONS4"] = {
        "name": "well-being",
        "items": 4,
        "range": [0, 10],
        "score": "single items only",
        "analysis": "exploratory",
        "missing_codes": MISSING | {"99": "Not answered"},
    }
    keys = {"A": ("OFF", (1, -1, 1, -1, 1)), "K": ("KNF", (1, -1, 1, -1, 1))}
    keys["G"] = ("GOAL", (-1, -1, 1, -1))
    items: list[dict[str, Any]] = [
        {"id": f"{letter}{i}", "scale": scale, "text": "?", "key": key}
        for letter, (scale, signs) in keys.items()
        for i, key in enumerate(signs, start=1)
    ]
    items += [
        {"id": f"W{i}", "scale": "ONS4", "text": "?", "better": "lower" if i == 4 else "higher"}
        for i in range(1, 5)
    ]
    return {
        "scales": scales,
        "items": items,
        "missing_codes": MISSING,
    }


INSTRUMENT = Instrument.from_mapping(questionnaire())
ITEMS = [item for scale in INSTRUMENT.scales for item in scale.item_codes]


def responses(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """One complete start response a row, every item 3, changed as each mapping says."""
    base = {"person_id": "p", "respid": 1, "wave": 1, "status": 1, "interview_start": "2020-01-01"}
    base |= dict.fromkeys(ITEMS, 3)
    frame = pd.DataFrame([base | dict(row) for row in rows], columns=list(base))
    whole = ["wave", "status", *ITEMS]
    frame["interview_start"] = pd.to_datetime(frame["interview_start"])
    return frame.astype(dict.fromkeys(whole, "Int64"))


def scores(scale: str, waves: Mapping[int, Sequence[float | None]]) -> pd.DataFrame:
    """Scores of one scale: position i of each wave is person `p<i>`."""
    rows = [
        (f"p{i}", wave, scale, value)
        for wave, values in waves.items()
        for i, value in enumerate(values)
    ]
    frame = pd.DataFrame(rows, columns=["person_id", "wave", "scale", "score"])
    return frame.astype({"wave": "Int64", "score": "Float64"})


def primary_scores(waves: Mapping[int, Sequence[float | None]]) -> pd.DataFrame:
    """The same scores of every primary scale, so that whoever has one has all."""
    return pd.concat([scores(s.code, waves) for s in INSTRUMENT.primary], ignore_index=True)


def people(n: int, **columns: Sequence[Any]) -> pd.DataFrame:
    """The linked cohort of `n` people `p0`, `p1`, ... with further columns."""
    return pd.DataFrame({"person_id": [f"p{i}" for i in range(n)]} | columns)
