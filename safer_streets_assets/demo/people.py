"""Invented people: who they are, what a court decided, and how each fared on the programme.

The truth behind the drops. Nothing here knows about files or untidiness.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import working_day
from safer_streets_assets.demo.crns import NUMBERS, marked
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.rules import offences_in_scope, opening_dates

EXEMPLARS: Final = 20
"""People who come first, are eligible and start: whatever a small demo must show rests on them."""

BUSY_MONTH: Final = 30
"""People sentenced, at least, in the exemplars' month: room for every kind of bad row there."""

ADULT: Final = 18
FEMALE_SHARE: Final = 0.08
UNDER_18_SHARE: Final = 0.015
RAR_SHARE: Final = 0.9
ASSIGNED_SHARE: Final = 0.86
ASSIGNED_OUTSIDE_SHARE: Final = 0.03
STARTED_SHARE: Final = 0.9
COMPLETED_SHARE: Final = 0.75
ONE_TO_ONE_SHARE: Final = 0.15
SECOND_CASE_SHARE: Final = 0.02
AS_PROPOSED_SHARE: Final = 0.8
START_LAG_DAYS: Final = (7, 40)
EXEMPLAR_LATEST_DAY: Final = 8


@dataclass(slots=True)
class Case:
    """One disposal at court."""

    disposal: date
    offence: str
    proposed: str
    resulting: str
    court: str


@dataclass(slots=True)
class Course:
    """How CRC's case went, up to its end: what a workbook shows is the part before its position."""

    case: Case
    rar_days: int
    assigned: bool
    reason: str | None = None
    one_to_one: bool = False
    one_to_one_reason: str | None = None
    sessions: tuple[date, ...] = ()
    outcome: str | None = None
    outcome_date: date | None = None


@dataclass(slots=True)
class InventedPerson:
    """One invented person. `cases[0]` is the one CRC holds, when it holds any."""

    crn: str
    forename: str
    surname: str
    male: bool
    born: date
    borough: str
    team: str
    manager: str
    cases: list[Case]
    course: Course | None

    @property
    def listed_name(self) -> str:
        """The name as the agencies write it: surname, forename."""
        return f"{self.surname}, {self.forename}"

    @property
    def spoken_name(self) -> str:
        """The name as people write it in free text."""
        return f"{self.forename} {self.surname}"


def pick(rng: random.Random, weights: dict[str, int]) -> str:
    """One key, with probability by its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def age_on(born: date, day: date) -> int:
    """Age in whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_eligible(born: date, borough: str, disposal: date, offence: str) -> bool:
    """Adult, in a borough open on the disposal date, for an offence in scope (drops.md)."""
    opened = opening_dates().get(borough)
    return (
        age_on(born, disposal) >= ADULT
        and opened is not None
        and opened <= disposal
        and offence in offences_in_scope()
    )


def invent_people(
    *, people: int, months: Sequence[date], seed: int, non_ascii_months: frozenset[int]
) -> list[InventedPerson]:
    """Everybody in the demo, the exemplars first.

    In each month of `non_ascii_months` (positions in `months`) the first person sentenced has a
    name with a letter outside ASCII.
    """
    rng = dice(seed, "people")
    crns = _unique_crns(rng, people)
    busy = busy_month(months)
    everybody: list[InventedPerson] = []
    named: set[int] = set()
    for number in range(people):
        month = _month_of(rng, number, people, len(months), busy)
        foreign = month in non_ascii_months and month not in named
        if foreign:
            named.add(month)
        surname = rng.choice(v.NON_ASCII_SURNAMES if foreign else v.SURNAMES)
        exemplar = number < EXEMPLARS
        everybody.append(_invent(rng, (crns[number], surname), months, month, exemplar=exemplar))
    return everybody


def busy_month(months: Sequence[date]) -> int:
    """Position of the first month in which the programme is open somewhere, or 0."""
    opening = min(opening_dates().values())
    return next((i for i, month in enumerate(months) if opening <= month), 0)


def _unique_crns(rng: random.Random, people: int) -> list[str]:
    drawn: dict[str, None] = {}
    while len(drawn) < people:
        drawn[f"{rng.choice(v.CRN_LETTERS)}{rng.randrange(NUMBERS):06}"] = None
    crns: dict[str, None] = {}
    for crn in drawn:
        crns[marked(crn, crns)] = None
    return list(crns)


def _month_of(rng: random.Random, number: int, people: int, months: int, busy: int) -> int:
    full = max(min(people, BUSY_MONTH), people // months)
    if months == 1 or number < full:
        return busy
    others = [i for i in range(months) if i != busy]
    # In turn at first, so that no month of a small demo is empty by chance.
    beyond = number - full
    return others[beyond] if beyond < len(others) else rng.choice(others)


def _invent(
    rng: random.Random, name: tuple[str, str], months: Sequence[date], at: int, *, exemplar: bool
) -> InventedPerson:
    crn, surname = name
    male = rng.random() >= FEMALE_SHARE
    disposal = working_day(rng, months[at], latest=EXEMPLAR_LATEST_DAY if exemplar else 31)
    case = _case(rng, disposal, exemplar)
    person = InventedPerson(
        crn=crn,
        forename=rng.choice(v.MALE_NAMES if male else v.FEMALE_NAMES),
        surname=surname,
        male=male,
        born=_birth(rng, disposal, exemplar),
        borough=_borough(rng, disposal, exemplar),
        team=rng.choice(v.TEAMS),
        manager=rng.choice(v.MANAGERS),
        cases=[case],
        course=None,
    )
    if case.resulting in v.COMMUNITY_SENTENCES and (exemplar or rng.random() < RAR_SHARE):
        person.course = _course(rng, person, case, exemplar)
    if not exemplar and rng.random() < SECOND_CASE_SHARE:
        _second_case(rng, person, months, at)
    return person


def _case(rng: random.Random, disposal: date, exemplar: bool) -> Case:
    offence = pick(rng, {code: weight for code, (weight, _) in v.OFFENCES.items()})
    resulting = pick(rng, v.SENTENCES)
    if exemplar:
        offence = offence if offence in offences_in_scope() else "00826"
        resulting = v.COMMUNITY_SENTENCES[0]
    proposed = resulting if rng.random() < AS_PROPOSED_SHARE else pick(rng, v.SENTENCES)
    return Case(disposal, offence, proposed, resulting, rng.choice(v.COURTS))


def _birth(rng: random.Random, disposal: date, exemplar: bool) -> date:
    if not exemplar and rng.random() < UNDER_18_SHARE:
        return disposal - timedelta(days=rng.randint(17 * 366, 18 * 365 - 1))
    years = rng.triangular(18.1, 47, 21)
    return disposal - timedelta(days=int(years * 365.25))


def _borough(rng: random.Random, disposal: date, exemplar: bool) -> str:
    weights = v.BOROUGH_WEIGHTS
    if exemplar:
        opened = {b: w for b, w in weights.items() if opening_dates().get(b, date.max) <= disposal}
        weights = opened or weights
    return pick(rng, weights)


def _second_case(
    rng: random.Random, person: InventedPerson, months: Sequence[date], at: int
) -> None:
    """Another disposal that leaves the first eligible one, and CRC's row, beyond doubt."""
    first = person.cases[0]
    resulting = rng.choice([s for s in v.SENTENCES if s not in v.COMMUNITY_SENTENCES])
    if is_eligible(person.born, person.borough, first.disposal, first.offence):
        if at + 1 < len(months):
            day = working_day(rng, months[rng.randrange(at + 1, len(months))])
            person.cases.append(Case(day, first.offence, resulting, resulting, first.court))
    elif at > 0:
        day = working_day(rng, months[rng.randrange(at)])
        person.cases.append(Case(day, "10501", resulting, resulting, first.court))


def _course(rng: random.Random, person: InventedPerson, case: Case, exemplar: bool) -> Course:
    opened = opening_dates().get(person.borough, date.max) <= case.disposal
    course = Course(case, rng.choice(v.RAR_DAYS), assigned=True)
    share = ASSIGNED_SHARE if opened else ASSIGNED_OUTSIDE_SHARE
    if not exemplar and rng.random() >= share:
        course.assigned = False
        course.reason = pick(rng, v.NOT_ASSIGNED) if opened else v.OUTSIDE
        return course
    if rng.random() < ONE_TO_ONE_SHARE:
        course.one_to_one = True
        course.one_to_one_reason = pick(rng, v.ONE_TO_ONE)
    if exemplar:
        _attend(rng, course, lag=8, attended=v.SESSIONS)
    elif rng.random() >= STARTED_SHARE:
        course.outcome = v.DID_NOT_START
        course.outcome_date = case.disposal + timedelta(days=rng.randint(30, 76))
    elif rng.random() < COMPLETED_SHARE:
        _attend(rng, course, lag=rng.randint(*START_LAG_DAYS), attended=v.SESSIONS)
    else:
        attended = min(rng.randint(1, 11), rng.randint(1, 11))
        _attend(rng, course, lag=rng.randint(*START_LAG_DAYS), attended=attended)
    return course


def _attend(rng: random.Random, course: Course, *, lag: int, attended: int) -> None:
    start = course.case.disposal + timedelta(days=lag)
    # Weekly, a day early or late; the first is the start date itself.
    course.sessions = tuple(
        start + timedelta(days=7 * i + (rng.randint(-1, 1) if i else 0)) for i in range(attended)
    )
    last = course.sessions[-1]
    if attended == v.SESSIONS:
        course.outcome, course.outcome_date = v.COMPLETED, last
    else:
        course.outcome = pick(rng, v.LEAVING)
        course.outcome_date = last + timedelta(days=rng.randint(5, 20))
