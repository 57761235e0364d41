"""Every kind of untidiness that drops.md names is in a demo of 50 people and 12 months."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from safer_streets_assets.demo.truth import DemoManifest
from safer_streets_assets_tests.demo import recount
from safer_streets_assets_tests.demo.recount import Row, crn_of, decoded, tidy_name

NPS, CRC = "nps_court_outcomes", "crc_eligibility"
WELLBEING = ("W1", "W2", "W3", "W4")
SURVEY, CHECKINS = "ors_attendee_survey", "ors_facilitator_checkin"


@dataclass
class Seen:
    """Everything in the small demo's files, before any tidying."""

    data: dict[str, bytes]
    texts: dict[str, str]
    rows: dict[str, list[Row]]
    headers: dict[str, list[str]]
    names: set[str]

    def of(self, source: str) -> dict[str, list[Row]]:
        """Rows of the readable files of one source."""
        return {path: rows for path, rows in self.rows.items() if path.startswith(source)}

    def cells(self, source: str, column: str) -> list[Any]:
        """Every cell of a column in one source."""
        return [row[column] for rows in self.of(source).values() for row in rows if column in row]

    def typed_crns(self) -> list[str]:
        """Every CRN as typed."""
        return [
            str(crn) for source in (NPS, CRC, SURVEY, CHECKINS) for crn in self.cells(source, "crn")
        ]

    def persons(self) -> set[str]:
        """CRNs that NPS or CRC know."""
        typed = self.cells(NPS, "crn") + self.cells(CRC, "crn")
        return {crn for crn in map(crn_of, typed) if crn}

    def last_survey(self) -> list[Row]:
        """The last export."""
        exports = self.of(SURVEY)
        return exports[max(exports)]

    def remarks(self) -> str:
        """All free text of surveys and check-ins."""
        columns = [(SURVEY, "m2"), (SURVEY, "x5"), (CHECKINS, "comments")]
        return "\n".join(str(t) for source, column in columns for t in self.cells(source, column))


@pytest.fixture(scope="module")
def seen(small: tuple[Path, DemoManifest]) -> Seen:
    """The small demo, read."""
    out, _ = small
    result = Seen({}, {}, {}, {}, set())
    for path in sorted(out.glob("*/*")):
        name = path.relative_to(out).as_posix()
        result.data[name] = path.read_bytes()
        if path.suffix == ".csv":
            text = result.texts[name] = decoded(result.data[name])
            if text:
                line = text.splitlines()[0]
                result.headers[name] = line.split(recount.delimiter_of(text))
        elif zipfile.is_zipfile(path):
            result.headers[name] = [str(cell) for cell in recount.main_sheet(path)[0] if cell]
        if path.parent.name in recount.IDENTITY:
            try:
                result.rows[name] = recount.raw_rows(path)
            except recount.UnreadableError:
                continue
    for person in result.cells(NPS, "offender name"):
        surname, forename = person.split(", ")
        result.names.add(f"{forename} {surname}")
    return result


def _utf8_plain(seen: Seen) -> bool:
    return any(
        data and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe")) and _decodes(data, "utf-8")
        for path, data in seen.data.items()
        if path.endswith(".csv")
    )


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _cp1252_name(seen: Seen) -> bool:
    return any(
        not _decodes(data, "utf-8") and re.search(r"[^\W\d_]", re.sub(r"[\x00-\x7f]", "", text))
        for path, text in seen.texts.items()
        if path.startswith(NPS) and not (data := seen.data[path]).startswith(b"\xff\xfe")
    )


def _delimited_by(mark: str) -> Callable[[Seen], bool]:
    return lambda seen: any(t and recount.delimiter_of(t) == mark for t in seen.texts.values())


def _column_orders(seen: Seen) -> bool:
    orders = [
        tuple(name for name in map(tidy_name, header) if name not in recount.OUTSIDE)
        for path, header in seen.headers.items()
        if path.startswith(NPS) and len(header) > 12
    ]
    return len({frozenset(order) for order in orders}) == 1 and len(set(orders)) > 2


def _header_outside(source: str, *names: str) -> Callable[[Seen], bool]:
    return lambda seen: any(
        set(names) <= set(map(tidy_name, header))
        for path, header in seen.headers.items()
        if path.startswith(source)
    )


def _crn_like(pattern: str) -> Callable[[Seen], bool]:
    return lambda seen: any(re.fullmatch(pattern, crn) for crn in seen.typed_crns())


def _rule(source: str, rule: str) -> Callable[[Seen], bool]:
    return lambda seen: any(
        recount.tidied(source, row)[1] == rule for rows in seen.of(source).values() for row in rows
    )


def _impossible_date(seen: Seen) -> bool:
    texts = "\n".join(seen.texts.values())
    return "31/02/" in texts and any("31/02/" in str(c) for c in seen.cells(CRC, "sentence date"))


def _sent_twice(seen: Seen) -> bool:
    return Counter(seen.data.values()).most_common(1)[0][1] > 1


def _corrected_resend(seen: Seen) -> bool:
    (name,) = (path for path in seen.rows if "(corrected)" in path)
    (first,) = (p for p in seen.rows if p == name.replace(" (corrected)", ""))
    keys = [
        {
            (row["disposal date"], row["offender name"]): row["court"]
            for row in seen.rows[path]
            if recount.tidied(NPS, row)[1] is None
        }
        for path in (first, name)
    ]
    return keys[0].keys() <= keys[1].keys() and any(keys[0][key] != keys[1][key] for key in keys[0])


def _vanishing_row(seen: Seen) -> bool:
    books = [
        {crn_of(row["crn"]) for row in rows if recount.tidied(CRC, row)[1] is None}
        for _, rows in sorted(seen.of(CRC).items())
    ]
    return any(earlier - later for earlier, later in pairwise(books))


def _typo_crn(source: str) -> Callable[[Seen], bool]:
    def slips(seen: Seen) -> bool:
        persons = seen.persons()
        strangers = {crn_of(crn) for crn in seen.cells(source, "crn")} - persons - {None}
        return any(
            sum(a != b for a, b in zip(crn or "", person, strict=True)) == 1
            or sorted(crn or "") == sorted(person)
            for crn in strangers
            for person in persons
        )

    return slips


def _missing_codes(seen: Seen) -> bool:
    items = [row[item] for row in seen.last_survey() for item in recount.LIKERT]
    return {"97", "98", "99", ""} <= set(items)


def _waves(seen: Seen) -> dict[tuple[str | None, str], list[str]]:
    """Person and wave to the statuses of the responses, in order of respid."""
    waves: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for row in seen.last_survey():
        waves[crn_of(row["crn"]), row["wave"]].append(row["status"])
    return waves


def _user_missing(seen: Seen) -> bool:
    (name,) = (path for path in seen.data if path.endswith(".sav"))
    return any(row["a1"] == 97 for row in seen.rows[name])


def _crc_types(seen: Seen) -> bool:
    days = seen.cells(CRC, "sentence date") + seen.cells(CRC, "dob")
    texts = [day for day in days if isinstance(day, str)]
    return (
        any(isinstance(day, datetime) for day in days)
        and any(re.fullmatch(r"\d\d/\d\d/\d{4}", day) for day in texts)
        and any(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in texts)
    )


def _repeated_and_corrected(seen: Seen) -> bool:
    """In the second month's file, rows of the first: one as it was, one with another court."""
    files = [f"{NPS}/NPS Court Outcomes {month} 2019.csv" for month in ("Nov", "Dec")]
    first, second = (
        {
            (row["crn"], row["disposal date"], row["offence code"]): row
            for row, rule in (recount.tidied(NPS, raw) for raw in seen.rows[path])
            if rule is None
        }
        for path in files
    )
    changes = [
        {name for name in row if row[name] != first[key][name]}
        for key, row in second.items()
        if key in first
    ]
    return set() in changes and {"court"} in changes


KINDS: dict[str, Callable[[Seen], Any]] = {
    "UTF-8 without BOM": _utf8_plain,
    "UTF-8 with BOM": lambda s: any(d.startswith(b"\xef\xbb\xbf") for d in s.data.values()),
    "UTF-16": lambda s: any(d.startswith(b"\xff\xfe") for d in s.data.values()),
    "Windows-1252 with a letter outside ASCII": _cp1252_name,
    "comma": _delimited_by(","),
    "semicolon": _delimited_by(";"),
    "tab": _delimited_by("\t"),
    "CRLF": lambda s: any("\r\n" in text for text in s.texts.values()),
    "LF alone": lambda s: any(t and "\r" not in t for t in s.texts.values()),
    "header in capitals": lambda s: any("COURT" in header for header in s.headers.values()),
    "header in small letters": lambda s: any("court" in header for header in s.headers.values()),
    "header with odd spaces": lambda s: any(
        name != " ".join(name.split()) for header in s.headers.values() for name in header
    ),
    "column order": _column_orders,
    "NPS columns outside the agreement": _header_outside(
        NPS, "ethnicity", "home address", "pnc id"
    ),
    "CRC columns outside the agreement": _header_outside(CRC, "ethnicity"),
    "ORS columns outside the agreement": _header_outside(SURVEY, "serial", "device", "lang"),
    "CRN with a space": _crn_like(r"[A-Z] \d{6}"),
    "CRN with a no-break space": _crn_like(r"[A-Z]\d{6}\u00a0"),
    "CRN with a hyphen": _crn_like(r"[A-Z]\d{3}-\d{3}"),
    "CRN with a full stop": _crn_like(r"[A-Z]\d{3}\.\d{3}"),
    "CRN in small letters": _crn_like(r"[a-z]\d{6}"),
    "impossible date as typed": _impossible_date,
    "offence code without its zeros, as text": lambda s: "826" in s.cells(NPS, "offence code"),
    "offence code as a number": lambda s: any(
        isinstance(code, int) for code in s.cells(CRC, "offence code")
    ),
    "gender spellings": lambda s: {"M", "Male", "male"} <= set(s.cells(NPS, "gender")),
    "Excel, dd/mm/yyyy and ISO dates in workbooks": _crc_types,
    "dd/mm/yyyy and ISO dates in text": lambda s: (
        {"/", "-"} <= {day[4] if day[4] == "-" else day[2] for day in s.cells(NPS, "disposal date")}
    ),
    "file sent twice": _sent_twice,
    "corrected re-send of a file": _corrected_resend,
    "rows repeated and corrected the month after": _repeated_and_corrected,
    "row that vanishes from a later workbook": _vanishing_row,
    "CRN one slip off in the survey": _typo_crn(SURVEY),
    "CRN one slip off in check-ins": _typo_crn(CHECKINS),
    "missing codes and blanks": _missing_codes,
    "user-missing codes in .sav": _user_missing,
    "partial response": lambda s: any(row["status"] == "3" for row in s.last_survey()),
    "two complete responses at one wave": lambda s: ["1", "1"] in _waves(s).values(),
    "partial, then complete": lambda s: ["3", "1"] in _waves(s).values(),
    "screened out": lambda s: any(row["status"] == "2" for row in s.last_survey()),
    "name in free text": lambda s: any(name in s.remarks() for name in s.names),
    "telephone number in free text": lambda s: "07700 9" in s.remarks(),
    "CRN in free text": lambda s: any(crn in s.remarks() for crn in s.persons()),
    "file name with a person's name": lambda s: any(
        name in path for path in s.data for name in s.names
    ),
    "title rows above a header": lambda s: any(
        b"OFFICIAL SENSITIVE"
        in zipfile.ZipFile(BytesIO(s.data[p])).read("xl/worksheets/sheet2.xml")
        for p in s.rows
        if p.startswith(CRC)
    ),
    "unknown source": lambda s: any(path.startswith("mps_reoffending/") for path in s.data),
    "empty file": lambda s: b"" in s.data.values(),
    "garbage": lambda s: any(
        path.endswith(".xlsx") and not data.startswith(b"PK") for path, data in s.data.items()
    ),
    "required column missing": lambda s: any(
        path.startswith(NPS) and "court" not in map(tidy_name, header)
        for path, header in s.headers.items()
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_drops_show(kind: str, seen: Seen) -> None:
    assert KINDS[kind](seen)


RULES = {
    NPS: ("malformed_crn", "impossible_date", "birth_after_disposal", "unknown_code"),
    CRC: ("malformed_crn", "impossible_date", "birth_after_disposal", "unknown_code"),
    SURVEY: (
        *("malformed_crn", "impossible_date", "unknown_code"),
        *("stage_out_of_range", "value_out_of_range"),
    ),
    CHECKINS: (
        *("malformed_crn", "impossible_date", "unknown_code"),
        *("stage_out_of_range", "value_out_of_range"),
    ),
}


@pytest.mark.parametrize(
    ("source", "rule"), [(source, rule) for source, rules in RULES.items() for rule in rules]
)
def test_a_loaded_drop_has_a_row_that_breaks(
    source: str, rule: str, small: tuple[Path, DemoManifest]
) -> None:
    out, manifest = small
    loaded = [d.path for d in manifest.drops if d.source == source and d.fate == "loaded"]
    broken = [
        recount.tidied(source, row)[1] for path in loaded for row in recount.raw_rows(out / path)
    ]
    assert rule in broken


def test_declared_user_missing_covers_97_to_99(small: tuple[Path, DemoManifest]) -> None:
    out, _ = small
    (export,) = out.glob("*/*.sav")
    _, meta = pyreadstat.read_sav(export, metadataonly=True, user_missing=True)
    declared = {name: str(ranges) for name, ranges in meta.missing_ranges.items()}
    covered = str([{"lo": 97.0, "hi": 99.0}])
    assert declared == dict.fromkeys([*map(str.upper, recount.LIKERT), *WELLBEING], covered)


def test_no_row_or_birth_lies_after_the_last_month(small: tuple[Path, DemoManifest]) -> None:
    out, _ = small
    counts = recount.recount(out)
    days = [day for _, day, _ in counts[NPS].held] + [day for _, day in counts[CRC].held]
    assert max(days) <= date(2020, 10, 31)
