"""The National Probation Service's monthly court outcomes: which rows each month's file has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from safer_streets_assets.demo import untidy
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival
from safer_streets_assets.demo.csv_file import CsvStyle, write_csv
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Landing
from safer_streets_assets.demo.people import EXEMPLARS, Case, InventedPerson, busy_month
from safer_streets_assets.demo.truth import Tally

CP1252: Final = "cp1252"
STYLES: Final = (
    CsvStyle(),
    CsvStyle("utf-8-sig", ";", "\n", header="mixed"),
    CsvStyle(CP1252, ",", "\r\n", order="rotated", beyond_agreement=True),
    CsvStyle("utf-16", "\t", "\r\n", header="upper", eaten_zeros=True),
    CsvStyle("utf-8-sig", order="reversed", header="lower"),
    CsvStyle("utf-8", ";", "\n", iso_dates=True),
    CsvStyle(CP1252, ";", "\n", eaten_zeros=True),
    CsvStyle("utf-8", "\t", "\n", header="spaced"),
    CsvStyle("utf-8-sig", order="rotated"),
    CsvStyle("utf-16", ",", "\n", iso_dates=True),
    CsvStyle("utf-8-sig", beyond_agreement=True, header="mixed"),
    CsvStyle("utf-8-sig", eaten_zeros=True),
)
RESEND_STYLE: Final = CsvStyle("utf-8-sig", header="upper", order="rotated")
BORN, BOROUGH = 0, 1
"""Positions in the tally's content that eligibility rests on."""

RULES: Final = (v.MALFORMED_CRN, v.IMPOSSIBLE_DATE, v.BORN_AFTER, v.UNKNOWN_CODE)

BAD_SHARE: Final = 0.012
BAD_LIMIT: Final = 0.15
"""Bad rows are at most this share of a month's people, well below the limit for a whole file."""

NEVER_SENT_SHARE: Final = 0.009
REPEATED_SHARE: Final = 0.007
CORRECTED_SHARE: Final = 0.006
ALWAYS_UNTIDY: Final = 50
"""From this many people on, every kind of untidiness is there by construction."""


@dataclass(slots=True)
class _Row:
    person: InventedPerson
    case: Case
    gender: str
    rule: str | None


def cp1252_months(months: int) -> frozenset[int]:
    """Positions of the months whose file is Windows-1252."""
    return frozenset(i for i in range(months) if STYLES[i % len(STYLES)].encoding == CP1252)


def write_nps(
    landing: Landing,
    everybody: Sequence[InventedPerson],
    months: Sequence[date],
    seed: int,
    untidiness: untidy.Untidiness = untidy.USUAL,
) -> Tally:
    """Write the NPS folder and return its tally."""
    return _Nps(landing, everybody, months, seed, untidiness).write()


class _Nps:
    def __init__(
        self,
        landing: Landing,
        everybody: Sequence[InventedPerson],
        months: Sequence[date],
        seed: int,
        untidiness: untidy.Untidiness,
    ) -> None:
        self.untidiness = untidiness
        self.rng = dice(seed, "nps")
        self.landing = landing
        self.everybody = everybody
        self.months = months
        self.busy = busy_month(months)
        self.typing = untidy.CrnTyping(self.rng, untidiness)
        self.tally = Tally()
        self.malformed = 0

    def write(self) -> Tally:
        own = self._own_rows()
        filled = [at for at, rows in enumerate(own) if rows]
        resent = min((at for at in filled if at >= self.busy + 4), default=filled[-1])
        first: Path | None = None
        for ordinal, at in enumerate(filled):
            before = own[at - 1] if at else []
            rows = [*self._with_repeats(own[at]), *self._about_last_month(before, at)]
            self.rng.shuffle(rows)
            title = f"NPS Court Outcomes {self.months[at]:%b %Y}"
            name = title
            if ordinal == min(2, len(filled) - 1):
                name = f"RE {own[at][0].person.spoken_name} - {title}"
            path = self._put(f"{name}.csv", rows, at, STYLES[at % len(STYLES)], days=3)
            if first is None and self.untidiness.surely:
                first = path
                again = arrival(self.months[at], 4, 9)
                self.landing.put_again(path, f"Copy of {path.name}", again)
            if at == resent and self.untidiness.surely:
                self._correct(rows)
                self._put(f"{title} (corrected).csv", rows, at, RESEND_STYLE, days=10)
        return self.tally

    def _own_rows(self) -> list[list[_Row]]:
        """Each month's own disposals, with the bad rows chosen."""
        unsent = self._never_sent()
        own: list[list[_Row]] = [[] for _ in self.months]
        position = {(month.year, month.month): at for at, month in enumerate(self.months)}
        lively = [p for number, p in enumerate(self.everybody) if number not in unsent]
        exemplars = {p.crn for p in self.everybody[:EXEMPLARS]}
        for person in lively:
            gender = untidy.typed_gender(self.rng, person.male)
            for case in person.cases:
                at = position[case.disposal.year, case.disposal.month]
                own[at].append(_Row(person, case, gender, None))
        turn = 0
        for at in (self.busy, *(i for i in range(len(own)) if i != self.busy)):
            turn = self._spoil(
                own[at], exemplars, turn, surely=self.untidiness.surely and at == self.busy
            )
        return own

    def _never_sent(self) -> set[int]:
        """Positions of people whom NPS never sends, though CRC holds them."""
        candidates = [
            number
            for number, person in enumerate(self.everybody)
            if number >= EXEMPLARS and person.course and person.surname.isascii()
        ]
        chosen = {
            n for n in candidates if self.rng.random() < self.untidiness.share(NEVER_SENT_SHARE)
        }
        surely = self.untidiness.surely and len(self.everybody) >= ALWAYS_UNTIDY
        if not chosen and candidates and surely:
            chosen = {candidates[-1]}
        return chosen

    def _spoil(self, rows: list[_Row], exemplars: set[str], turn: int, *, surely: bool) -> int:
        """Break a rule in a few rows, the rules in turn; returns the next turn."""
        room = int(BAD_LIMIT * len(rows))
        for row in rows:
            if room == 0:
                break
            if row.person.crn in exemplars or len(row.person.cases) > 1:
                continue
            if (surely and turn < len(RULES)) or self.rng.random() < self.untidiness.share(
                BAD_SHARE
            ):
                row.rule = RULES[turn % len(RULES)]
                turn, room = turn + 1, room - 1
        return turn

    def _with_repeats(self, rows: list[_Row]) -> Iterator[_Row]:
        """The rows, a few of the good ones twice, the first surely."""
        repeated = self.untidiness.share(REPEATED_SHARE / 2)
        for number, row in enumerate(rows):
            yield row
            surely = number == 0 and self.untidiness.surely
            if row.rule is None and (surely or self.rng.random() < repeated):
                yield row

    def _about_last_month(self, rows: list[_Row], at: int) -> Iterator[_Row]:
        """Last month's rows that come again: some unchanged, some with the court put right."""
        good = [row for row in rows if row.rule is None]
        repeated = self.untidiness.share(REPEATED_SHARE / 2)
        corrected = self.untidiness.share(CORRECTED_SHARE)
        surely = self.untidiness.surely and at == self.busy + 1
        for number, row in enumerate(good):
            if (surely and number == 0) or self.rng.random() < repeated:
                yield row
            elif (surely and number == 1) or self.rng.random() < corrected:
                self._other_court(row)
                yield row

    def _correct(self, rows: list[_Row]) -> None:
        """Put a file's rows right before it is sent again: bad rows, and the court of a few."""
        corrected = self.untidiness.share(CORRECTED_SHARE)
        for number, row in enumerate(rows):
            if row.rule is None and (number == 0 or self.rng.random() < corrected):
                self._other_court(row)
            row.rule = None

    def _other_court(self, row: _Row) -> None:
        row.case.court = self.rng.choice([c for c in v.COURTS if c != row.case.court])

    def _put(self, name: str, rows: list[_Row], at: int, style: CsvStyle, *, days: int) -> Path:
        columns = (*v.NPS_COLUMNS, *(v.NPS_OUTSIDE_AGREEMENT if style.beyond_agreement else ()))
        written = (self._written(row, style) for row in rows)
        return self.landing.put(
            v.NPS,
            name,
            arrival(self.months[at], days, 9),
            lambda path: write_csv(path, columns, written, style),
            tally=self.tally,
        )

    def _written(self, row: _Row, style: CsvStyle) -> list[str]:
        """One row as text, counted in the tally."""
        person, case = row.person, row.case
        dates = style.date_format()
        crn, gender = self.typing.type(person.crn), row.gender
        born, disposal = person.born.strftime(dates), case.disposal.strftime(dates)
        if row.rule is None:
            self.tally.take((person.crn, case.disposal, case.offence), _content(row))
        else:
            self.tally.set_aside(row.rule)
        if row.rule == v.MALFORMED_CRN:
            crn, self.malformed = untidy.malformed(self.malformed), self.malformed + 1
        elif row.rule == v.IMPOSSIBLE_DATE:
            year = case.disposal.year
            disposal = f"{year}-02-31" if style.iso_dates else f"31/02/{year}"
        elif row.rule == v.BORN_AFTER:
            born = date(case.disposal.year + 11, 1, 1).strftime(dates)
        elif row.rule == v.UNKNOWN_CODE:
            gender = untidy.UNKNOWN_GENDER
        offence = str(int(case.offence)) if style.eaten_zeros else case.offence
        written = [person.team, person.manager, crn, person.listed_name, gender, born]
        written += [person.borough, disposal, offence, v.OFFENCES[case.offence][1]]
        written += [case.proposed, case.resulting, case.court]
        return written + self._beyond_agreement() if style.beyond_agreement else written

    def _beyond_agreement(self) -> list[str]:
        rng = self.rng
        return [
            rng.choice(("W1", "W9", "B1", "B2", "A1", "M1", "O9", "NS")),
            f"{rng.randint(1, 180)} Canary Wharf Road",
            f"{rng.randint(85, 99)}/{rng.randrange(10**6):06}{rng.choice('ABCDFHJ')}",
        ]


def _content(row: _Row) -> tuple[object, ...]:
    """Birth and borough, then all else that a correction could change."""
    person, case = row.person, row.case
    return (
        *(person.born, person.borough, person.team, person.manager, person.listed_name),
        *(row.gender, case.proposed, case.resulting, case.court),
    )
