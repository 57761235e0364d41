"""Invented responses to try the functions on: no real person is in them, and nobody stands behind.

They are of the shape that scoring takes, and untidy as real ones: people leave, skip items, answer
twice. What is put in (who leaves, how much scores rise) is made up and says nothing of anybody.
"""

from __future__ import annotations

import random
from typing import Any

import pandas as pd

from safer_streets_assets.attitudes.instrument import Instrument, Item, Scale
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.policy import load_policy

COMPLETE, PARTIAL = 1, 3
RISE_A_WAVE = 0.05
"""How far a person's answers move in the better direction from wave to wave, share of the range."""


def example_responses(n: int = 120, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the invented responses of `n` people, and the people.

    The responses have person_id, respid, wave (1 start, 2 middle, 3 end), status, interview_start
    and the items of the shipped questionnaire with its missing codes (Int64); people have person_id
    and gender, one row a person. The same arguments give the same rows. Those with low scores leave
    a little more often, so that attrition has something to show.
    """
    chance, instrument = random.Random(seed), instrument_of(load_policy())  # noqa: S311 (invented)
    people, rows = [], []
    for number in range(1, n + 1):
        person_id = f"example-{number:04d}"
        people.append({"person_id": person_id, "gender": _one_of(chance, Male=0.8, Female=0.2)})
        standing = {scale.code: chance.gauss(0.55, 0.15) for scale in instrument.scales}
        stays = 0.75 + 0.3 * (standing[instrument.scales[0].code] - 0.5)
        for wave in (1, 2, 3):
            if wave > 1 and chance.random() > stays:
                continue
            rows.append(_response(chance, instrument, person_id, wave, standing))
            if chance.random() < 0.05:
                again = _response(chance, instrument, person_id, wave, standing)
                rows.append(again | {"status": PARTIAL})
    for respid, row in enumerate(rows, start=1):
        row["respid"] = respid
    items = [item for scale in instrument.scales for item in scale.item_codes]
    columns = ["person_id", "respid", "wave", "status", "interview_start", *items]
    responses = pd.DataFrame(rows, columns=columns)
    whole = dict.fromkeys(["respid", "wave", "status", *items], "Int64")
    return responses.astype(whole), pd.DataFrame(people, columns=["person_id", "gender"])


def _response(
    chance: random.Random,
    instrument: Instrument,
    person_id: str,
    wave: int,
    standing: dict[str, float],
) -> dict[str, Any]:
    day = pd.Timedelta(days=60 * (wave - 1) + chance.randrange(30))
    row: dict[str, Any] = {
        "person_id": person_id,
        "wave": wave,
        "status": COMPLETE,
        "interview_start": pd.Timestamp("2020-01-01") + day,
    }
    for scale in instrument.scales:
        now = standing[scale.code] + RISE_A_WAVE * (wave - 1) + chance.gauss(0, 0.08)
        for item in scale.items:
            row[item.code] = _answer(chance, scale, item, now)
    return row


def _answer(chance: random.Random, scale: Scale, item: Item, standing: float) -> int | None:
    """A code of an item: that of a standing from 0 (worst) to 1 (best), or a missing one."""
    if chance.random() < 0.03:
        return chance.choice([*scale.missing.all(), None])
    share = min(max(standing + chance.gauss(0, 0.18), 0.0), 1.0)
    points_up = (item.key == 1) == (scale.benefit_sign == 1)
    return scale.low + round((share if points_up else 1 - share) * (scale.high - scale.low))


def _one_of(chance: random.Random, **shares: float) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]
