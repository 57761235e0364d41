"""Identifiers that have a form of their own: CRN, e-mail address, telephone number, postcode, date
of birth, line of an address. Names have none: see `intake.mentions`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from safer_streets_assets.intake.crn import crns_in
from safer_streets_assets.policy.person_number import PersonNumber

CRN, EMAIL, POSTCODE, PHONE = "CRN", "E-MAIL", "POSTCODE", "PHONE"
BIRTH, ADDRESS, NAME = "DATE OF BIRTH", "ADDRESS", "NAME"
KINDS = (BIRTH, CRN, EMAIL, POSTCODE, PHONE, ADDRESS, NAME)
"""Kinds of identifier: of two in one place the first names what is masked."""

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+\s?@\s?[\w-]+(?:\.[\w-]+)+"
    r"|[\w.+-]+\s*(?:\(at\)|\[at\]|\sat\s)\s*[\w-]+\s*(?:\(dot\)|\[dot\]|\sdot\s|\.)\s*"
    r"(?:co(?:m|\.uk|\s+dot\s+uk)|org|net|uk|gov)\b",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"(?<![^\W_])(?:GIR\s?0AA|[A-Z]{1,2}[0-9][A-Z0-9]?[\s.\-\u00a0]{0,2}[0-9][ABD-HJLNP-UW-Z]{2})"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w/])(?:\(?(?:\+|00)\s?44\)?(?:[\s().\-\u2010-\u2015/]{0,3}[0-9]){9,11}"
    r"|\(?0[127389](?:[\s().\-\u2010-\u2015/]{0,3}[0-9]){8,9}"
    r"|\+[1-9](?:[\s().\-]{0,2}[0-9]){7,13}"
    r"|7[0-9]{3}\s?[0-9]{3}\s?[0-9]{3})(?![0-9])",
)
_PHONE_SAID = re.compile(
    r"(?<=\b)(?:tel(?:ephone)?|phone|mob(?:ile)?|ring|call|text|whatsapp|number)\b[^0-9+\n]{0,20}"
    r"(?P<number>\+?[0-9](?:[\s().\-]{0,2}[0-9]){6,12})(?![0-9])",
    re.IGNORECASE,
)
_SAID_AS_NUMBER = (
    r"\W{0,3}(?:(?:is|no|number|of)\b\W{0,3}){0,2}"
    r"(?P<number>[A-Z]?[\s.-]?[0-9](?:[\s.-]?[0-9OIl]){4,7}|[A-Z]{1,2}[0-9OIl]{5,7})(?!\w)"
)
"""What somebody may mean by the name of the person's number, when it is mistyped."""

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_GAP = r"[\s./,\-\u2010-\u2015]{1,3}"
_DAY = r"(?P<{0}>[0-3]?[0-9])(?:st|nd|rd|th)?"
_DATES = (
    re.compile(
        rf"(?<![\w/])(?P<day>[0-3]?[0-9]){_GAP}(?P<month>[01]?[0-9]){_GAP}"
        r"(?P<year>(?:19|20)?[0-9]{2})(?![\w/])"
    ),
    re.compile(
        rf"(?<![\w/])(?P<year>(?:19|20)[0-9]{{2}}){_GAP}(?P<month>[01]?[0-9]){_GAP}"
        r"(?P<day>[0-3]?[0-9])(?![\w/])"
    ),
    re.compile(r"(?<!\w)(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>(?:19|20)[0-9]{2})(?!\w)"),
    re.compile(
        rf"(?<!\w)(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?:{_GAP}|\s+of\s+)?(?P<word>{_MONTHS})"
        r"[\s./,\-\u2010-\u2015']{0,3}(?P<year>(?:19|20)?[0-9]{2})(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?P<word>{_MONTHS}){_GAP}(?:the\s+)?(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
        r"[\s./,\-\u2010-\u2015']{1,3}(?P<year>(?:19|20)?[0-9]{2})(?!\w)",
        re.IGNORECASE,
    ),
)
_BIRTH_SAID = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\.?|(?:date|day) of birth|born|birth\s?day|b'?day)\b[\W_]{0,3}"
    r"(?:(?:is|was|on|of|the|in|being|will|be)\b[\W_]{0,3}){0,3}$",
    re.IGNORECASE,
)
_DAY_OF_YEAR = re.compile(
    rf"(?<!\w)[0-3]?[0-9](?:st|nd|rd|th)?(?:\s+of)?\s*(?:{_MONTHS})(?!\w)"
    rf"|(?<!\w)(?:{_MONTHS})\s+(?:the\s+)?[0-3]?[0-9](?:st|nd|rd|th)?(?!\w)"
    r"|(?<![\w/])[0-3]?[0-9]/[01]?[0-9](?![\w/])",
    re.IGNORECASE,
)

_STREET = (
    "road|rd|street|avenue|ave|lane|crescent|cres|gardens|gdns|terrace|square|mews|grove"
    "|drive|close|place|way|walk|row|hill|rise|court|house|park|parade|green|broadway|highway"
)
_SURE_STREET = (
    "road|rd|street|avenue|ave|lane|crescent|cres|gardens|gdns|terrace|mews|grove|close|drive"
    "|square"
)
_CAPITAL_WORD = r"[A-Z][\w'\u2019.\-]*"
_ADDRESSES = (
    # 27 Mortlake Road, Flat 4, 27a Mortlake Road, 3 St John's Hill
    re.compile(
        r"(?<![\w/])(?:(?:flat|apt|apartment|unit|room)\.?\s*[0-9]{1,4}[a-z]?[\s,]+)?"
        rf"[0-9]{{1,4}}[a-zA-Z]?[\s,]+(?:{_CAPITAL_WORD}[\s]+){{1,4}}(?i:{_STREET}|st)\b"
    ),
    # the same in small letters
    re.compile(
        r"(?<![\w/])(?:(?:flat|apt|apartment|unit|room)\.?\s*[0-9]{1,4}[a-z]?[\s,]+)?"
        r"[0-9]{1,4}[a-z]?[\s,]+(?!(?:of|in|the|on|to|at|hours?|minutes?|mins|weeks?|days?|months?"
        r"|years?|people|times?|more|down|way|session|sessions|different|other)\b)"
        rf"(?:st\s+)?[a-z'\u2019]{{3,}}(?:\s+[a-z'\u2019]{{3,}})?\s+(?:{_SURE_STREET})\b",
        re.IGNORECASE,
    ),
    # at 17 old mill way
    re.compile(
        r"\b(?:at|from|to|on|in|address|lives?|living)\b[\s:]{1,2}"
        r"(?P<line>[0-9]{1,4}[a-z]?[\s,]+(?!(?:of|in|the|on|to|at|and|more|other)\b)"
        rf"(?:[a-z'\u2019]{{2,}}\s+){{1,3}}(?:{_STREET})\b)",
        re.IGNORECASE,
    ),
    # Flat 12, Chatham House
    re.compile(
        r"\b(?i:flat|apt|apartment)\.?\s*[0-9]{1,4}[a-zA-Z]?"
        rf"(?:[\s,]+(?:{_CAPITAL_WORD}\s+){{1,3}}(?i:{_STREET}|point|tower|lodge|mansions|estate)\b)?"
    ),
    # lives on Mortlake Road
    re.compile(
        r"\b(?i:liv(?:es?|ed|ing)|address|stay(?:s|ed|ing)|mov(?:es?|ed|ing)|home|resid(?:es?|ing))"
        r"\b[\s\w:']{0,14}?\s?(?:\b(?:in|on|at|to|is)\b|:)\s?"
        rf"(?P<line>(?:{_CAPITAL_WORD}\s+){{1,3}}(?i:{_SURE_STREET}|house|court)\b)"
    ),
)
_SHORT_YEARS = 100
_LATER_YEARS = 40


@dataclass(frozen=True)
class MaskedPlace:
    """A place of a text with an identifier of some kind, in doubt or not; `words` are those that
    are, or may be, names."""

    start: int
    end: int
    kind: str
    is_sure: bool = True
    words: frozenset[str] = field(default=frozenset(), repr=False)


@lru_cache
def _said_of(number: PersonNumber) -> re.Pattern[str]:
    """A person's number behind its name."""
    return re.compile(rf"\b{re.escape(number.called)}{_SAID_AS_NUMBER}", re.IGNORECASE)


def formed_identifiers(
    text: str, births: Collection[date], number: PersonNumber
) -> Iterator[MaskedPlace]:
    """The places of identifiers that have a form; `births` are the dates of birth that are held,
    and `number` is what a person's number looks like."""
    for start, end in crns_in(text, number):
        yield MaskedPlace(start, end, CRN)
    for found in _said_of(number).finditer(text):
        yield MaskedPlace(*found.span("number"), CRN, is_sure=False)
    for kind, pattern in ((EMAIL, _EMAIL), (POSTCODE, _POSTCODE), (PHONE, _PHONE)):
        for found in pattern.finditer(text):
            yield MaskedPlace(*found.span(), kind)
    for found in _PHONE_SAID.finditer(text):
        yield MaskedPlace(*found.span("number"), PHONE, is_sure=False)
    yield from _births_in(text, births)
    for pattern in _ADDRESSES:
        for found in pattern.finditer(text):
            line = found.span("line") if "line" in pattern.groupindex else found.span()
            yield MaskedPlace(*line, ADDRESS)


def _births_in(text: str, births: Collection[date]) -> Iterator[MaskedPlace]:
    """Dates on which somebody held was born, that are said to be of a birth, or that are so long
    ago that they may be."""
    latest = max(births, default=None)
    for pattern in _DATES:
        for found in pattern.finditer(text):
            days = list(_days(found))
            if not days:
                continue
            is_held = any(day in births for day in days)
            is_said = bool(_BIRTH_SAID.search(text, 0, found.start()))
            is_early = latest is not None and _likely(days, latest) <= latest
            if is_held or is_said or is_early:
                yield MaskedPlace(*found.span(), BIRTH, is_sure=is_held or is_said)
    for found in _DAY_OF_YEAR.finditer(text):
        if _BIRTH_SAID.search(text, 0, found.start()):
            yield MaskedPlace(*found.span(), BIRTH)


def _likely(days: Sequence[date], latest: date) -> date:
    """The day that a date most likely means: not one long after the last that somebody was born."""
    return next((d for d in reversed(days) if d.year < latest.year + _LATER_YEARS), days[0])


def _days(found: re.Match[str]) -> Iterator[date]:
    """The days that a date may mean: a year of two figures is of either century."""
    groups = found.groupdict()
    if groups.get("word"):
        month = _MONTH_NUMBERS[groups["word"][:3].casefold()]
    else:
        month = int(groups["month"])
    year = int(groups["year"])
    for full in (year,) if year >= _SHORT_YEARS else (1900 + year, 2000 + year):
        try:
            yield date(full, month, int(groups["day"]))
        except ValueError:
            continue


_MONTH_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
