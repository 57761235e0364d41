"""Facilitators' check-ins after each session: a monthly increment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Final

from safer_streets_assets.demo import untidy
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival, month_end
from safer_streets_assets.demo.csv_file import CsvStyle, write_csv
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Landing
from safer_streets_assets.demo.people import InventedPerson
from safer_streets_assets.demo.truth import Tally

FIRST_RESPONSE_ID: Final = 501001
STYLES: Final = (
    CsvStyle(iso_dates=True),
    CsvStyle("utf-8-sig", iso_dates=True),
    CsvStyle("cp1252", ";", "\n"),
    CsvStyle("utf-16", "\t", iso_dates=True),
    CsvStyle("utf-8", ",", "\n", header="mixed"),
)
_FORGOTTEN_SHARE: Final = 0.08
_MISSED_SHARE: Final = 0.05
_COMMENT_SHARE: Final = 0.04
_TYPO_SHARE: Final = 0.003
_TYPO_AT: Final = 5
_CHANGED_SHARE: Final = 0.5
_BAD_LIMIT: Final = 0.15
_GROUP, _SINGLE = "Group", "One-to-one"
_RULES: Final = (
    *(v.MALFORMED_CRN, v.IMPOSSIBLE_DATE, v.UNKNOWN_CODE, v.STAGE_RANGE, v.VALUE_RANGE),
)


@dataclass(slots=True)
class _Checkin:
    """One check-in. `typed` stands in for the CRN when it is mistyped or malformed."""

    response_id: int
    day: date
    crn: str
    session: int
    attended: bool
    engagement: int | None
    delivery: str
    comment: str | None
    typed: str | None = None
    rule: str | None = None


def write_checkins(
    landing: Landing,
    everybody: Sequence[InventedPerson],
    months: Sequence[date],
    seed: int,
    untidiness: untidy.Untidiness = untidy.USUAL,
) -> Tally:
    """Write the check-ins' folder and return its tally."""
    return _Checkins(landing, everybody, months, seed, untidiness).write()


class _Checkins:
    def __init__(
        self,
        landing: Landing,
        everybody: Sequence[InventedPerson],
        months: Sequence[date],
        seed: int,
        untidiness: untidy.Untidiness,
    ) -> None:
        self.untidiness = untidiness
        self.rng = dice(seed, "checkins")
        self.landing = landing
        self.everybody = everybody
        self.known = {person.crn for person in everybody}
        self.months = months
        self.typing = untidy.CrnTyping(self.rng, untidiness)
        self.tally = Tally()
        self.made = 0
        self.comments = 0

    def write(self) -> Tally:
        by_month: dict[tuple[int, int], list[_Checkin]] = {
            (month.year, month.month): [] for month in self.months
        }
        until = month_end(self.months[-1])
        for person in self.everybody:
            for checkin in self._of(person, until):
                by_month[checkin.day.year, checkin.day.month].append(checkin)
        increments = list(by_month.values())
        self._spoil(max(increments, key=len))
        before: _Checkin | None = None
        for at, rows in enumerate(increments):
            if not rows:
                continue
            late = [self._again(before)] if before and self.untidiness.surely else []
            self._put(at, [*rows, *late])
            before = next((row for row in rows if row.rule is None), None)
        return self.tally

    def _of(self, person: InventedPerson, until: date) -> Iterator[_Checkin]:
        course = person.course
        if course is None:
            return
        for session, day in enumerate(course.sessions, start=1):
            if day > until:
                return
            if self.rng.random() < self.untidiness.share(_FORGOTTEN_SHARE):
                continue
            delivery = _SINGLE if course.one_to_one else _GROUP
            missed = day - timedelta(days=3)
            if session > 1 and self.rng.random() < _MISSED_SHARE:
                yield self._checkin(person, missed, session, delivery, attended=False)
            yield self._checkin(person, day, session, delivery, attended=True)

    def _checkin(
        self, person: InventedPerson, day: date, session: int, delivery: str, *, attended: bool
    ) -> _Checkin:
        rng = self.rng
        checkin = _Checkin(
            response_id=FIRST_RESPONSE_ID + self.made,
            day=day,
            crn=person.crn,
            session=session,
            attended=attended,
            engagement=rng.choices((1, 2, 3, 4, 5), weights=(1, 8, 33, 39, 19))[0]
            if attended
            else None,
            delivery=delivery,
            comment=self._comment(person),
        )
        surely = self.untidiness.surely and self.made == _TYPO_AT
        if surely or rng.random() < self.untidiness.share(_TYPO_SHARE):
            checkin.typed = untidy.mistyped(rng, person.crn, self.known)
            self.tally.typos += 1
        self.made += 1
        return checkin

    def _comment(self, person: InventedPerson) -> str | None:
        if self.made % 10 and self.rng.random() >= _COMMENT_SHARE:
            return None
        self.comments += 1
        return untidy.remark(
            self.rng,
            self.comments - 1,
            manager=person.manager,
            name=person.spoken_name,
            crn=person.crn,
        )

    def _spoil(self, rows: list[_Checkin]) -> None:
        """Add lines about nobody in the demo, each breaking one rule, as far as there is room."""
        whole = [row for row in rows if row.attended]
        most = min(int(_BAD_LIMIT * len(rows)), self.untidiness.times(len(_RULES)))
        for rule in islice(cycle(_RULES), most):
            line = replace(
                self.rng.choice(whole),
                response_id=FIRST_RESPONSE_ID + self.made,
                crn=untidy.ghost_crn(self.rng, self.known),
                typed=None,
                rule=rule,
            )
            self.made += 1
            if rule == v.MALFORMED_CRN:
                line.typed = untidy.malformed(self.made)
            elif rule == v.UNKNOWN_CODE:
                line.delivery = "Zoom"
            elif rule == v.STAGE_RANGE:
                line.session = v.SESSIONS + 1
            elif rule == v.VALUE_RANGE:
                line.engagement = 9
            rows.append(line)

    def _again(self, row: _Checkin) -> _Checkin:
        """A line of last month's once more: unchanged, or with the engagement put right."""
        if row.engagement and self.rng.random() < _CHANGED_SHARE:
            row.engagement = row.engagement % 5 + 1
        return row

    def _put(self, at: int, rows: list[_Checkin]) -> None:
        style = STYLES[at % len(STYLES)]
        written = (self._written(row, style) for row in rows)
        self.landing.put(
            v.CHECKIN,
            f"SaferStreets_checkin_{self.months[at]:%Y-%m}.csv",
            arrival(self.months[at], 4, 14),
            lambda path: write_csv(path, v.CHECKIN_COLUMNS, written, style),
            tally=self.tally,
        )

    def _written(self, row: _Checkin, style: CsvStyle) -> list[object]:
        day = f"{row.day:{style.date_format()}}"
        attended = "Yes" if row.attended else "No"
        if row.rule is None:
            content = (row.day, row.typed or row.crn, row.session, attended, row.engagement)
            self.tally.take(row.response_id, (*content, row.delivery, row.comment))
        else:
            self.tally.set_aside(row.rule)
        if row.rule == v.IMPOSSIBLE_DATE:
            day = f"{row.day.year}-02-31" if style.iso_dates else f"31/02/{row.day.year}"
        return [
            *(row.response_id, day, row.typed or self.typing.type(row.crn), row.session, attended),
            *(row.engagement, row.delivery, row.comment),
        ]
