"""The small anonymous sources: training feedback forms and MTC Novo's case studies."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Landing
from safer_streets_assets.demo.people import InventedPerson
from safer_streets_assets.demo.truth import Tally
from safer_streets_assets.demo.untidy import USUAL, Untidiness
from safer_streets_assets.demo.xlsx_file import SheetValue, write_xlsx

FORMS: Final = 37
CASE_STUDIES: Final = 12
_TELLING_FORM: Final = 19
_TELLING_STUDY: Final = 8


def write_training(
    landing: Landing,
    person: InventedPerson,
    first: date,
    seed: int,
    untidiness: Untidiness = USUAL,
) -> Tally:
    """Training feedback forms, typed up once; one of them gives away `person`'s CRN."""
    tally = Tally()
    telling = range(_TELLING_FORM, _TELLING_FORM + untidiness.times(1))
    forms = _forms(dice(seed, "training"), person, first, tally, telling)
    landing.put(
        v.TRAINING,
        "Training feedback forms.xlsx",
        datetime.combine(first + timedelta(days=9), time(10)),
        lambda path: write_xlsx(path, {"Feedback": forms}),
        tally=tally,
    )
    return tally


def write_novo(
    landing: Landing,
    person: InventedPerson,
    months: Sequence[date],
    seed: int,
    untidiness: Untidiness = USUAL,
) -> Tally:
    """MTC Novo's anonymised case studies; one of them names `person`."""
    tally = Tally()
    telling = range(_TELLING_STUDY, _TELLING_STUDY + untidiness.times(1))
    studies = _studies(dice(seed, "novo"), person, tally, telling)
    landing.put(
        v.NOVO,
        "MTC Novo case studies.xlsx",
        arrival(months[-1], 9, 10),
        lambda path: write_xlsx(path, {"Case studies": studies}),
        tally=tally,
    )
    return tally


def _forms(
    rng: random.Random, person: InventedPerson, first: date, tally: Tally, telling: range
) -> Iterator[Sequence[SheetValue]]:
    yield v.TRAINING_COLUMNS
    days = [first - timedelta(days=ago) for ago in (24, 23, 10)]
    for form in range(1, FORMS + 1):
        row: list[SheetValue] = [form, rng.choice(days), rng.choice(("Facilitator", "Manager"))]
        row += rng.choices((2, 3, 4, 5), weights=(2, 3, 4, 2), k=5)
        row += [rng.choice(("Case studies", "Role play", None)), rng.choice(("More time", None))]
        if form in telling:
            row[-1] = f"Too much about {person.crn} and nothing on the others"
            tally.set_aside(v.NAMES_A_PERSON)
        else:
            tally.take(form, tuple(row[1:]))
        yield row


def _studies(
    rng: random.Random, person: InventedPerson, tally: Tally, telling: range
) -> Iterator[Sequence[SheetValue]]:
    yield v.NOVO_COLUMNS
    for number in range(1, CASE_STUDIES + 1):
        row: list[SheetValue] = [
            f"CS{number:02}",
            rng.choice(("Attendee", "Facilitator")),
            rng.choice(("Engagement", "Barriers", "Delivery")),
            "Anonymised summary of an interview",
        ]
        if number in telling:
            row[-1] = f"Interview with {person.spoken_name} about the last session"
            tally.set_aside(v.NAMES_A_PERSON)
        else:
            tally.take(row[0], tuple(row[1:]))
        yield row
