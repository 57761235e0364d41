"""What lies in the landing when a run is killed, and what earlier runs had done."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from safer_streets_assets.intake.held_drops import ByHand, decide_by_hand
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    CRC_ROW,
    crc_workbook,
    csv_drop,
    opened,
    put,
    shipped_policy,
)
from safer_streets_assets_tests.privacy.traces import canary_crn, word

BEFORE = datetime(2021, 1, 4, 12)
POLICE = "mps_reoffending"
Intake = Callable[[DataFolder], object]
Scenario = Callable[[DataFolder, Intake], None]
"""Fills a data folder; takes in what lies there where it is asked to."""


def small_policy() -> Policy:
    """The policy with one agreed source, where a few rows are enough to judge drift."""
    policy = shipped_policy()
    changes: dict[str, Any] = {
        "sources": {name: policy.dpia.sources[name] for name in (CRC, POLICE)},
        "drift": policy.dpia.drift.model_copy(update={"minimum_rows": 10}),
    }
    dpia = policy.dpia.model_copy(update=changes)
    return replace(policy, dpia=dpia)


def people(how_many: int, first: int = 1, **changes: Any) -> list[Any]:
    """Rows about people whose names and CRNs are canaries."""
    return [
        {**CRC_ROW, "Name": f"{word('person').upper()}, A{n}", "CRN": canary_crn(n), **changes}
        for n in range(first, first + how_many)
    ]


WRONG = csv_drop(people(9) + people(1, 40, Gender=word("code")))
CORRECTED = csv_drop(people(9) + people(1, 40))
MORE = crc_workbook(people(9) + people(3, 40) + people(1, 60, Gender=word("code")))
WHOLE = crc_workbook(people(20))
HALF = crc_workbook(people(10), "31 December 2019")
QUARTER = crc_workbook(people(5), "31 January 2020")
WITHOUT_CRN, ALSO_WITHOUT = (
    csv_drop([{k: v for k, v in row.items() if k != "CRN"} for row in people(n)]) for n in (2, 3)
)
UNREAD = f"{word('unread')}, {canary_crn(999)}".encode()


def loaded(folder: DataFolder, take_in: Intake) -> None:
    """A CSV that corrects a row set aside before, a workbook with a row to set aside, and a copy of
    the drop that was loaded before.
    """
    land(folder, CRC, "before", WRONG)
    take_in(folder)
    land(folder, CRC, "a correction", CORRECTED)
    land(folder, CRC, "sent before", WRONG)
    land(folder, CRC, "more", MORE, ".xlsx")


def quarantined(folder: DataFolder, take_in: Intake) -> None:
    """A drop that cannot be taken in and was quarantined before comes again, twice."""
    land(folder, CRC, "sent before", WITHOUT_CRN)
    take_in(folder)
    land(folder, CRC, "without", WITHOUT_CRN)
    land(folder, CRC, "without again", WITHOUT_CRN)


def held(folder: DataFolder, take_in: Intake) -> None:
    """A drop held for drift, one that an operator released, and a copy of one that waits."""
    land(folder, CRC, "first", WHOLE, ".xlsx")
    waiting = land(folder, CRC, "waiting", ALSO_WITHOUT)
    take_in(folder)
    released = land(folder, CRC, "released", HALF, ".xlsx")
    take_in(folder)
    by_hand(folder, {waiting: "hold", released: "release"})
    land(folder, CRC, "drifting", QUARTER, ".xlsx")
    land(folder, CRC, "waiting again", ALSO_WITHOUT)


def first(folder: DataFolder, take_in: Intake) -> None:
    """A data folder that no run has seen, with a drop of a source that nobody knows."""
    land(folder, word("nobody"), "unread", UNREAD)


def land(folder: DataFolder, source: str, name: str, content: bytes, suffix: str = ".csv") -> str:
    """Saves a drop, each a second after the one before it; returns its id."""
    place = put(folder, source, f"{word('filename')} {name}{suffix}", content)
    number = sum(1 for path in folder.landing.rglob("*") if path.is_file())
    os.utime(place, (1_600_000_000 + number, 1_600_000_000 + number))
    return drop_id_of(place)


def by_hand(folder: DataFolder, decisions: Mapping[str, ByHand]) -> None:
    """Carries out what an operator decided."""
    with opened(folder) as connection:
        for drop_id, decision in decisions.items():
            decide_by_hand(connection, folder, decision, drop_id, "a person", BEFORE)
