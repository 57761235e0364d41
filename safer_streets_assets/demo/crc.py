"""London CRC's cumulative workbook: every case so far, as it stands at each month's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from safer_streets_assets.demo import untidy
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival, month_end
from safer_streets_assets.demo.csv_file import turned, written_header
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Landing
from safer_streets_assets.demo.people import EXEMPLARS, Course, InventedPerson
from safer_streets_assets.demo.sealed_file import encrypt_workbook
from safer_streets_assets.demo.truth import Tally
from safer_streets_assets.demo.xlsx_file import SheetValue, write_xlsx

SHEET: Final = "Eligibility"
ASSIGNED, START, ATTENDED, OUTCOME = 11, 15, 16, 17
"""Positions in a row of `CRC_COLUMNS` (and in the tally's content) that the funnel rests on."""

_CRN, _BORN, _SENTENCED, _OFFENCE, _REASON = 2, 4, 7, 10, 12
_LOOKS: Final = (("agreed", "agreed"), ("spaced", "agreed"), ("mixed", "rotated"))
_BEYOND_EVERY: Final = 4
_VANISH_SHARE: Final = 0.004
_BAD_LIMIT: Final = 0.15
_RULES: Final = (v.MALFORMED_CRN, v.IMPOSSIBLE_DATE, v.BORN_AFTER, v.UNKNOWN_CODE)
_PERIOD: Final = 23
_DAY_AS_TEXT, _BIRTH_AS_ISO, _CODE_AS_NUMBER = 3, 7, 11
_GUIDANCE: Final = (
    ("Safer Streets Programme: eligibility and assignment",),
    (),
    (
        "One line for each case with a community sentence and a Rehabilitation Activity"
        " Requirement (RAR).",
    ),
)


def state(course: Course, position: date) -> tuple[SheetValue, ...]:
    """Columns 'Assigned to Safer Streets?' to 'Outcome date' as they stand on a day."""
    if not course.assigned:
        return ("No", course.reason, None, None, None, None, None, None)
    attended = sum(day <= position for day in course.sessions)
    ended = course.outcome_date is not None and course.outcome_date <= position
    return (
        *("Yes", None, "Yes" if course.one_to_one else "No", course.one_to_one_reason),
        *(course.sessions[0] if attended else None, attended),
        course.outcome if ended else v.IN_PROGRESS,
        course.outcome_date if ended else None,
    )


@dataclass(frozen=True)
class Workbooks:
    """What the CRC folder amounts to. `protected` is the path of the workbook with a password."""

    tally: Tally
    not_in_latest: int
    protected: str | None


def write_crc(
    landing: Landing,
    everybody: Sequence[InventedPerson],
    months: Sequence[date],
    seed: int,
    *,
    password: str | None,
    untidiness: untidy.Untidiness = untidy.USUAL,
) -> Workbooks:
    """Write the CRC folder; with a password, protect its latest workbook but one."""
    crc = _Crc(landing, everybody, months, seed, untidiness)
    ends = [end for end in map(month_end, months) if crc.cases(end)]
    sealed = ends[-2:][0] if password and ends else None
    protected = None
    for at, end in enumerate(ends):
        path = crc.write(
            at, end, last=end == ends[-1], password=password if end == sealed else None
        )
        if end == sealed:
            protected = f"{v.CRC}/{path.name}"
    return Workbooks(crc.tally, len(crc.gone), protected)


class _Crc:
    def __init__(
        self,
        landing: Landing,
        everybody: Sequence[InventedPerson],
        months: Sequence[date],
        seed: int,
        untidiness: untidy.Untidiness,
    ) -> None:
        self.untidiness = untidiness
        self.rng = dice(seed, "crc")
        self.landing = landing
        self.months = months
        self.known = {person.crn for person in everybody}
        self.held = [(person, person.course) for person in everybody if person.course]
        self.gone = self._vanishing(everybody)
        self.typing = untidy.CrnTyping(self.rng, untidiness)
        self.tally = Tally()

    def _vanishing(self, everybody: Sequence[InventedPerson]) -> dict[str, date]:
        """CRN to the first position at which a row that was there is missing."""
        ends = [month_end(month) for month in self.months]
        exemplars = {person.crn for person in everybody[:EXEMPLARS]}
        candidates = [
            (person, course)
            for person, course in self.held
            if course.case.disposal <= ends[max(0, len(ends) - 2)] and len(ends) > 1
        ]
        ordinary = [pair for pair in candidates if pair[0].crn not in exemplars]
        share = self.untidiness.share(_VANISH_SHARE)
        chosen = [pair for pair in ordinary if self.rng.random() < share]
        if not chosen and len(candidates) > 1 and self.untidiness.surely:
            chosen = [(ordinary or candidates)[-1]]
        gone = {}
        for person, course in chosen:
            later = [end for end in ends if end >= course.case.disposal][1:]
            gone[person.crn] = self.rng.choice(later)
        return gone

    def cases(self, position: date) -> list[tuple[InventedPerson, Course]]:
        """What the workbook of that position holds."""
        return [
            (person, course)
            for person, course in self.held
            if course.case.disposal <= position < self.gone.get(person.crn, date.max)
        ]

    def write(self, at: int, position: date, *, last: bool, password: str | None) -> Path:
        """Write the workbook of a position, number `at` of all."""
        sheets = {
            "Guidance": _GUIDANCE,
            SHEET: self._eligibility(position, at, last=last),
            "Reason codes": [(), *v.REASONS.items()],
        }

        def write(path: Path) -> None:
            write_xlsx(path, sheets)
            if password:
                encrypt_workbook(path, password)

        name = f"CRC_SSP_eligibility_{position:%Y%m%d}.xlsx"
        return self.landing.put(v.CRC, name, arrival(position, 5, 11), write, tally=self.tally)

    def _eligibility(
        self, position: date, at: int, *, last: bool
    ) -> Iterator[Sequence[SheetValue]]:
        header, order = _LOOKS[at % len(_LOOKS)]
        beyond = at % _BEYOND_EVERY == 1
        columns = (*v.CRC_COLUMNS, *(("Ethnicity",) if beyond else ()))
        positions = turned(columns, order)
        yield ("OFFICIAL SENSITIVE",)
        yield (f"Position at {position.day} {position:%B %Y}",)
        yield ()
        names = written_header(columns, header)
        yield [names[i] for i in positions]
        for row in self._rows(position, last=last):
            cells = [*row, "W1"] if beyond else row
            yield [cells[i] for i in positions]

    def _rows(self, position: date, *, last: bool) -> Iterator[list[SheetValue]]:
        pairs = self.cases(position)
        for number, (person, course) in enumerate(pairs):
            row = _row(person, course, position)
            self.tally.take((person.crn, course.case.disposal), tuple(row))
            row[_CRN] = self.typing.type(person.crn)
            yield _retyped(row, number) if self.untidiness.surely else row
        room = int(_BAD_LIMIT * len(pairs))
        rules = _RULES if last else (self.rng.choice(_RULES),)
        most = min(room, self.untidiness.times(len(rules)))
        for rule in islice(cycle(rules), most):
            person, course = self.rng.choice(pairs)
            self.tally.set_aside(rule)
            yield self._broken(_row(person, course, position), rule, position)

    def _broken(self, row: list[SheetValue], rule: str, position: date) -> list[SheetValue]:
        """A row about nobody in the demo that breaks `rule`."""
        row[_CRN] = untidy.ghost_crn(self.rng, self.known)
        if rule == v.MALFORMED_CRN:
            row[_CRN] = untidy.malformed(self.rng.randrange(9))
        elif rule == v.IMPOSSIBLE_DATE:
            row[_SENTENCED] = f"31/02/{position.year}"
        elif rule == v.BORN_AFTER:
            row[_BORN] = date(position.year + 11, 1, 1)
        else:
            row[ASSIGNED:] = ["No", "42", None, None, None, None, None, None]
        return row


def _row(person: InventedPerson, course: Course, position: date) -> list[SheetValue]:
    case = course.case
    return [
        *(person.team, person.manager, person.crn, person.listed_name, person.born),
        *("Male" if person.male else "Female", person.borough, case.disposal, case.resulting),
        *(course.rar_days, case.offence, *state(course, position)),
    ]


def _retyped(row: list[SheetValue], number: int) -> list[SheetValue]:
    """Some cells as text or number instead of what Excel would hold."""
    turn = number % _PERIOD
    sentenced, born, offence = row[_SENTENCED], row[_BORN], row[_OFFENCE]
    if turn == _DAY_AS_TEXT and isinstance(sentenced, date):
        row[_SENTENCED] = f"{sentenced:%d/%m/%Y}"
    elif turn == _BIRTH_AS_ISO and isinstance(born, date):
        row[_BORN] = f"{born:%Y-%m-%d}"
    elif turn == _CODE_AS_NUMBER and isinstance(offence, str):
        row[_OFFENCE] = int(offence)
    return row
