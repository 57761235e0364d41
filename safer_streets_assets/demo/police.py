"""What the police would send: people searched for, and what was found. No agreement covers it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.csv_file import CsvStyle, write_csv
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Writer
from safer_streets_assets.demo.people import InventedPerson
from safer_streets_assets.demo.untidy import CrnTyping

_ALWAYS_SEARCHED: Final = 10
_EVENT_SHARES: Final[dict[str, float]] = {"Police contact": 0.35, "Arrest": 0.2, "Sentencing": 0.1}
_EARLIEST_DAY: Final = -60
_LATEST_DAY: Final = 400


def police_extract(everybody: Sequence[InventedPerson], searched_until: date, seed: int) -> Writer:
    """Writes one row for each event of those who completed, and of the first few people.

    Events lie from two months before completion to over a year after it; who has none by
    `searched_until` has one row that says so. The names beside the CRNs are not to be read.
    """
    rng = dice(seed, "police")
    typing = CrnTyping(rng)
    rows: list[list[str]] = []
    for number, person in enumerate(everybody):
        if number >= _ALWAYS_SEARCHED and _completed_on(person) is None:
            continue
        found: list[tuple[str, date | None]] = [*_events(rng, person, searched_until)]
        for event, day in found or [(v.NOTHING_FOUND, None)]:
            when = f"{day:%d/%m/%Y}" if day else ""
            until = f"{searched_until:%d/%m/%Y}"
            rows.append([typing.type(person.crn), person.listed_name, event, when, until])
    return lambda path: write_csv(path, v.MPS_COLUMNS, rows, CsvStyle())


def _completed_on(person: InventedPerson) -> date | None:
    course = person.course
    return course.outcome_date if course and course.outcome == v.COMPLETED else None


def _events(rng: random.Random, person: InventedPerson, until: date) -> Iterator[tuple[str, date]]:
    completed = _completed_on(person)
    for event, share in _EVENT_SHARES.items():
        happens, after = rng.random() < share, rng.randint(_EARLIEST_DAY, _LATEST_DAY)
        if completed and happens and completed + timedelta(days=after) <= until:
            yield event, completed + timedelta(days=after)
