"""Invented survey responses: who answers at which wave, how, and what goes wrong on the way."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from typing import Final

from safer_streets_assets.demo import untidy
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.people import EXEMPLARS, InventedPerson

COMPLETE, SCREENED_OUT, PARTIAL = 1, 2, 3
START, MIDDLE, END = 1, 2, 3
FIRST_RESPID: Final = 101001
RESPONSE_SHARE: Final = {1: 0.9, 2: 0.66, 3: 0.82}
MISSING_SHARE: Final = 0.011
BLANK_SHARE: Final = 0.012
REMARK_SHARE: Final = 0.65
SECRET_SHARE: Final = 0.1

# What goes wrong with a response, by its number for the first ones, later by chance.
_MISHAPS: Final = {2: "partial", 4: "repeat", 6: "screened", 8: "typo", 10: "partial first"}
_MISHAP_SHARES: Final = {"partial": 28, "repeat": 22, "screened": 12, "typo": 8, "partial first": 8}
_MISHAP_SHARE: Final = 0.07
_MISSING_AT: Final = 1
_AT: Final = {name: at for at, name in enumerate(v.ANSWER_COLUMNS)}
_PARTIAL_KEEPS: Final = (4, 14)

Answers = list[int | str | None]


@dataclass(slots=True)
class Response:
    """One line of an export. `crn` is as typed; `person` whom it links to, None for nobody.

    `rule` is the rule the line breaks, if any; `bad_start` then stands for an impossible date.
    """

    respid: int
    status: int
    wave: int
    crn: str
    person: str | None
    start: datetime
    minutes: int
    answers: Answers
    rule: str | None = None
    bad_start: str | None = None
    typo: bool = False


def invent_responses(
    everybody: Sequence[InventedPerson],
    until: date,
    seed: int,
    untidiness: untidy.Untidiness = untidy.USUAL,
) -> list[Response]:
    """Every response up to a day, in the order of respid, the bad ones last."""
    survey = _Survey(everybody, until, seed, untidiness)
    responses = [*survey.good()]
    return [*responses, *survey.bad(responses)]


class _Survey:
    def __init__(
        self,
        everybody: Sequence[InventedPerson],
        until: date,
        seed: int,
        untidiness: untidy.Untidiness,
    ) -> None:
        self.untidiness = untidiness
        self.rng = dice(seed, "survey")
        self.everybody = everybody
        self.known = {person.crn for person in everybody}
        self.until = until
        self.typing = untidy.CrnTyping(self.rng, untidiness)
        self.given = 0
        self.remarks = 0
        self.next_respid = FIRST_RESPID

    def good(self) -> Iterator[Response]:
        for number, person in enumerate(self.everybody):
            sessions = person.course.sessions if person.course else ()
            views = _Views(self.rng)
            for wave, session in v.WAVE_SESSION.items():
                answered = number < EXEMPLARS or self.rng.random() < RESPONSE_SHARE[wave]
                if not answered or len(sessions) < session or sessions[session - 1] > self.until:
                    continue
                yield from self._wave(person, wave, sessions[session - 1], views)

    def _wave(
        self, person: InventedPerson, wave: int, day: date, views: _Views
    ) -> Iterator[Response]:
        """A person's responses at one wave: mostly one, by mishap two."""
        mishap = self._mishap()
        response = self._response(person, wave, day, views)
        again = replace(response, start=response.start + timedelta(hours=2))
        if mishap == "typo":
            response.crn = untidy.mistyped(self.rng, person.crn, self.known)
            response.person, response.typo = None, True
        elif mishap == "partial":
            self._break_off(response)
        elif mishap == "screened":
            response.status, response.answers = SCREENED_OUT, [None] * len(_AT)
        elif mishap == "partial first":
            again.answers = list(response.answers)
            self._break_off(response)
        yield self._numbered(response)
        if mishap == "repeat":
            again.answers = self._answers(person, wave, views)
        if mishap in ("repeat", "screened", "partial first"):
            again.crn = self.typing.type(person.crn)
            yield self._numbered(again)

    def _mishap(self) -> str | None:
        self.given += 1
        if self.untidiness.surely and self.given in _MISHAPS:
            return _MISHAPS[self.given]
        late = self.given > max(_MISHAPS)
        if late and self.rng.random() < self.untidiness.share(_MISHAP_SHARE):
            kinds = list(_MISHAP_SHARES)
            return self.rng.choices(kinds, weights=list(_MISHAP_SHARES.values()))[0]
        return None

    def _numbered(self, response: Response) -> Response:
        response.respid = self.next_respid
        self.next_respid += 1
        return response

    def _response(self, person: InventedPerson, wave: int, day: date, views: _Views) -> Response:
        at = time(self.rng.randint(9, 18), self.rng.randint(0, 59))
        return Response(
            respid=0,
            status=COMPLETE,
            wave=wave,
            crn=self.typing.type(person.crn),
            person=person.crn,
            start=datetime.combine(day, at),
            minutes=self.rng.randint(6, 25),
            answers=self._answers(person, wave, views),
        )

    def _break_off(self, response: Response) -> None:
        """Nothing is answered after some point in the questionnaire."""
        keep = self.rng.randint(*_PARTIAL_KEEPS)
        response.status = PARTIAL
        response.answers = response.answers[:keep] + [None] * (len(_AT) - keep)

    def _answers(self, person: InventedPerson, wave: int, views: _Views) -> Answers:
        answers: Answers = [None] * len(_AT)
        for item, value in views.scores(wave):
            answers[_AT[item]] = self._maybe_missing(value)
        if self.untidiness.surely and self.given == _MISSING_AT:
            answers[_AT["A1"]], answers[_AT["K1"]], answers[_AT["G1"]] = v.MISSING_CODES
            answers[_AT["W1"]] = None
        for item, answer in self._stage_answers(person, wave).items():
            answers[_AT[item]] = answer
        return answers

    def _maybe_missing(self, value: int) -> int | None:
        chance = self.rng.random()
        blank = self.untidiness.share(BLANK_SHARE)
        if chance < blank:
            return None
        missing = chance < blank + self.untidiness.share(MISSING_SHARE) * len(v.MISSING_CODES)
        return self.rng.choice(v.MISSING_CODES) if missing else value

    def _stage_answers(self, person: InventedPerson, wave: int) -> dict[str, int | str | None]:
        rng = self.rng
        if wave == START:
            secret = rng.random() < SECRET_SHARE
            ticks = {
                item: int(not secret and rng.random() < share)
                for item, share in zip(v.KNIFE_REASONS, v.KNIFE_SHARES, strict=True)
            }
            return {"S1": _within(rng.gauss(6.3, 2), 0, 10), **ticks, "S2_98": int(secret)}
        if wave == MIDDLE:
            return {"M1": rng.choices((1, 2, 3, 4), weights=(36, 41, 17, 6))[0]} | {
                "M2": self._remark(person)
            }
        agreed = (45, 35, 12, 5, 3)
        answers: dict[str, int | str | None] = {
            item: rng.choices((1, 2, 3, 4, 5), weights=agreed)[0] for item in ("X1", "X2", "X3")
        }
        return answers | {"X4": _within(rng.gauss(7.2, 2), 0, 10), "X5": self._remark(person)}

    def _remark(self, person: InventedPerson) -> str | None:
        if self.rng.random() >= REMARK_SHARE:
            return None
        self.remarks += 1
        return untidy.remark(
            self.rng,
            self.remarks - 1,
            manager=person.manager,
            name=person.spoken_name,
            crn=person.crn,
        )

    def bad(self, good: Sequence[Response]) -> Iterator[Response]:
        """Lines about nobody in the demo, each breaking one rule, as far as there is room."""
        rules = (v.MALFORMED_CRN, v.IMPOSSIBLE_DATE, v.UNKNOWN_CODE, v.STAGE_RANGE, v.VALUE_RANGE)
        whole = [response for response in good if response.status == COMPLETE]
        most = min(len(whole) // 8, self.untidiness.times(len(rules)))
        for rule in islice(cycle(rules), most):
            line = replace(
                self.rng.choice(whole),
                crn=untidy.ghost_crn(self.rng, self.known),
                person=None,
                typo=False,
                start=datetime.combine(self.until, time(self.rng.randint(9, 18), 30)),
                rule=rule,
            )
            line.answers = list(line.answers)
            if rule == v.MALFORMED_CRN:
                line.crn = untidy.malformed(self.rng.randrange(9))
            elif rule == v.IMPOSSIBLE_DATE:
                line.bad_start = f"31/02/{self.until.year} 10:15"
            elif rule == v.UNKNOWN_CODE:
                line.status = 9
            elif rule == v.STAGE_RANGE:
                line.wave = 4
            else:
                line.answers[_AT["A1"]] = 7
            yield self._numbered(line)


class _Views:
    """One person's attitudes: a level, and a rise of their own from start to end."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.level = rng.gauss(0, 0.35)
        self.rise = {scale: rng.gauss(mean, 0.35) for scale, mean in v.SCALE_RISE.items()}
        self.mood = rng.gauss(0, 1.3)

    def scores(self, wave: int) -> Iterator[tuple[str, int]]:
        """Each scale item with its exported code at a wave."""
        along = (wave - 1) / 2
        for scale, items in v.PRIMARY_SCALES.items():
            for item, key in items.items():
                mean = 3.6 + self.level + along * self.rise[scale]
                score = _within(self.rng.gauss(mean, 0.75), 1, 5)
                yield item, score if key == 1 else 6 - score
        for item, (start, rise) in v.WELLBEING.items():
            yield item, _within(self.rng.gauss(start + self.mood + along * rise, 1.4), 0, 10)


def _within(value: float, low: int, high: int) -> int:
    return max(low, min(high, round(value)))


def scale_scores(answers: Answers) -> dict[str, float]:
    """Scores of the primary scales that have enough answered items (measures.md, Scoring)."""
    scores = {}
    for scale, items in v.PRIMARY_SCALES.items():
        keyed = [
            value if key == 1 else 6 - value
            for item, key in items.items()
            if isinstance(value := answers[_AT[item]], int) and value not in v.MISSING_CODES
        ]
        if len(keyed) >= v.MIN_ANSWERED[scale]:
            scores[scale] = sum(keyed) / len(keyed)
    return scores
