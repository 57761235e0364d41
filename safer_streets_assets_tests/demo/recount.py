"""A second reader of demo drops, for the tests: shares no code with what wrote them.

It reads a landing folder as drops.md describes and counts what a correct pipeline would find under
the opening dates and offence codes of the shipped policy.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyreadstat

from safer_streets_assets.policy import load_policy

IDENTITY = {
    "nps_court_outcomes": ("crn", "disposal date", "offence code"),
    "crc_eligibility": ("crn", "sentence date"),
    "ors_attendee_survey": ("respid",),
    "ors_facilitator_checkin": ("responseid",),
    "training_feedback": ("form",),
    "mtc_novo": ("reference",),
}
OUTSIDE = {"ethnicity", "home address", "pnc id", "serial", "device", "lang"}
NEEDED = {
    "nps_court_outcomes": {"crn", "court", "offence code"},
    "crc_eligibility": {"crn", "sentence date"},
    "ors_attendee_survey": {"respid", "crn"},
    "ors_facilitator_checkin": {"responseid", "crn"},
    "training_feedback": {"form"},
    "mtc_novo": {"reference"},
}
SENT_AGAIN = {"crc_eligibility", "ors_attendee_survey"}
"""Sources with CRNs that send all of their rows again each time."""
IN_SCOPE = set(load_policy().dpia.eligibility.offence_codes)
OPENED = load_policy().dpia.opening_dates
REASONS = {None, "01", "02", "03", "04", "05", "06", "07", "99"}
REVERSED = {"a2", "a4", "k2", "k4", "g1", "g2", "g4"}
SCALES = {"OFF": ("a", 5, 3), "KNF": ("k", 5, 3), "GOAL": ("g", 4, 2)}
LIKERT = [f"{letter}{i + 1}" for letter, items, _ in SCALES.values() for i in range(items)]
CODED = ("status", "wave", "session", "engagement", "sessions attended", *LIKERT)
DATES = {"date of birth", "disposal date", "dob", "sentence date", "start date", "outcome date"}
DATES |= {"sessiondate", "interviewstart"}

Row = dict[str, Any]


class UnreadableError(Exception):
    """The file is none that drops.md knows."""


def decoded(data: bytes) -> str:
    """The text of a delimited file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def delimiter_of(text: str) -> str:
    """The delimiter that the header line uses."""
    header = text.splitlines()[0]
    return max(",;\t", key=header.count)


def tidy_name(name: object) -> str:
    """A column name without its case and spacing."""
    return " ".join(str(name).split()).lower()


def raw_rows(path: Path) -> list[Row]:
    """The data rows of one file by tidied column name, with cells as they stand."""
    data = path.read_bytes()
    if not data:
        raise UnreadableError
    if path.suffix == ".csv":
        text = decoded(data)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
        return _by_column([list(line) for line in lines])
    if path.suffix == ".sav":
        frame, _ = pyreadstat.read_sav(path, user_missing=True)
        cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        return _by_column([list(frame.columns), *cells])
    if not data.startswith(b"PK"):
        raise UnreadableError
    return _by_column(main_sheet(path))


def main_sheet(path: Path) -> list[list[Any]]:
    """The rows of a workbook's data sheet, from the header row on."""
    book = openpyxl.load_workbook(path)
    for name in ("Eligibility", "Data", "Feedback", "Case studies"):
        if name in book.sheetnames:
            rows = [list(row) for row in book[name].iter_rows(values_only=True)]
            start = next(i for i, row in enumerate(rows) if sum(c is not None for c in row) > 1)
            return rows[start:]
    raise UnreadableError


def _by_column(lines: list[list[Any]]) -> list[Row]:
    names = [tidy_name(name) for name in lines[0]]
    return [dict(zip(names, line, strict=True)) for line in lines[1:]]


def crn_of(typed: object) -> str | None:
    """The normalised CRN, or None when malformed."""
    text = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", str(typed))).upper()
    return text if re.fullmatch(r"[A-Z][0-9]{6}", text) else None


def day_of(cell: object) -> date | None:
    """The day in a date cell; ValueError when there is no such day."""
    if cell is None or isinstance(cell, datetime):
        return cell.date() if cell else None
    text = str(cell).split()[0]
    return datetime.strptime(text, "%Y-%m-%d" if text[4] == "-" else "%d/%m/%Y").date()


def tidied(source: str, raw: Row) -> tuple[Row, str | None]:
    """One row with its values normalised, and the rule it breaks, if any."""
    row: Row = {
        name: None if cell == "" else cell for name, cell in raw.items() if name not in OUTSIDE
    }
    for name in CODED:
        if row.get(name) is not None:
            row[name] = int(float(row[name]))
    for name in ("offence code", "respid", "responseid", "form"):
        if row.get(name) is not None:
            code = row[name]
            row[name] = str(int(code)) if isinstance(code, float) else str(code)
    if "offence code" in row:
        row["offence code"] = row["offence code"].zfill(5)
    for name, cell in row.items():
        if re.fullmatch(r"[wsmx]\d.*", name) and isinstance(cell, int | float):
            row[name] = str(int(cell))
    if "crn" in row:
        row["crn"] = crn_of(row["crn"])
        if row["crn"] is None:
            return row, "malformed_crn"
    try:
        row |= {name: day_of(row[name]) for name in DATES & row.keys()}
    except ValueError:
        return row, "impossible_date"
    return row, _broken(source, row)


def _broken(source: str, row: Row) -> str | None:
    if source == "nps_court_outcomes":
        if row["date of birth"] > row["disposal date"]:
            return "birth_after_disposal"
        known = row["gender"].upper() in ("M", "F", "MALE", "FEMALE")
        return None if known else "unknown_code"
    if source == "crc_eligibility":
        if row["dob"] > row["sentence date"]:
            return "birth_after_disposal"
        known = row["if not assigned: reason code"] in REASONS
        return None if known else "unknown_code"
    if source == "ors_attendee_survey":
        if row["status"] not in (1, 2, 3):
            return "unknown_code"
        if row["wave"] not in (1, 2, 3):
            return "stage_out_of_range"
        allowed = {None, 1, 2, 3, 4, 5, 97, 98, 99}
        return None if {row[item] for item in LIKERT} <= allowed else "value_out_of_range"
    if source == "ors_facilitator_checkin":
        if row["delivery"] not in ("Group", "One-to-one"):
            return "unknown_code"
        if not 1 <= int(row["session"]) <= 12:
            return "stage_out_of_range"
        return None if row["engagement"] in (None, 1, 2, 3, 4, 5) else "value_out_of_range"
    return None


@dataclass
class Count:
    """What one source came to. `malformed` are rows set aside for their CRN: of a source that sends
    all of its rows again each time, those of its last file."""

    fates: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    duplicates: int = 0
    corrections: int = 0
    held: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    latest: set[tuple[Any, ...]] = field(default_factory=set)


def recount(landing: Path) -> dict[str, Count]:
    """Every source of a landing folder, its files taken in the order of their dates."""
    counts: dict[str, Count] = {}
    seen: set[str] = set()
    files = sorted(landing.glob("*/*"), key=lambda path: path.stat().st_mtime)
    names: set[str] = set()
    for path in files:
        count = counts.setdefault(path.parent.name, Count())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest in seen:
            count.fates["duplicate"] += 1
            continue
        seen.add(digest)
        count.fates[_take(path, count, names)] += 1
    return counts


def _take(path: Path, count: Count, names: set[str]) -> str:
    source = path.parent.name
    if source not in IDENTITY:
        return "refused"
    try:
        raws = raw_rows(path)
        if NEEDED[source] - raws[0].keys():
            return "quarantined"
        rows = [tidied(source, raw) for raw in raws]
    except UnreadableError:
        return "quarantined"
    rows = [(row, rule or _telling(source, row, names)) for row, rule in rows]
    bad = [rule for _, rule in rows if rule]
    if len(bad) > 0.2 * len(rows):
        return "quarantined"
    count.rows += len(rows)
    count.bad.update(bad)
    count.malformed = bad.count("malformed_crn") + (0 if source in SENT_AGAIN else count.malformed)
    count.latest.clear()
    for row, rule in rows:
        if rule:
            continue
        key = tuple(row[name] for name in IDENTITY[source])
        count.latest.add(key)
        count.duplicates += count.held.get(key) == row
        count.corrections += key in count.held and count.held[key] != row
        count.held[key] = row
        if row.get("offender name"):
            surname, forename = row["offender name"].split(", ")
            names.add(f"{forename} {surname}")
    return "loaded"


def _telling(source: str, row: Row, names: set[str]) -> str | None:
    if source not in ("training_feedback", "mtc_novo"):
        return None
    text = json.dumps(list(row.values()), default=str, ensure_ascii=False)
    telling = re.search(r"\b[A-Z]\d{6}\b", text) or any(name in text for name in names)
    return "identifies_a_person" if telling else None


def age_on(born: date, day: date) -> int:
    """Age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_eligible(case: Row) -> bool:
    """Adult, in a borough open on the disposal date, for an offence in scope."""
    return (
        age_on(case["date of birth"], case["disposal date"]) >= 18
        and OPENED.get(case["borough"], date.max) <= case["disposal date"]
        and case["offence code"] in IN_SCOPE
    )


def funnel(counts: dict[str, Count]) -> dict[str, set[str]]:
    """Stage to CRNs."""
    nps = counts["nps_court_outcomes"].held.values()
    crc = {row["crn"]: row for row in counts["crc_eligibility"].held.values()}
    eligible = {row["crn"] for row in nps if is_eligible(row)}
    community = {crn for crn in eligible if crn in crc}
    assigned = {crn for crn in community if crc[crn]["assigned to safer streets?"] == "Yes"}
    started = {crn for crn in assigned if crc[crn]["start date"]}
    midpoint = {crn for crn in started if int(crc[crn]["sessions attended"]) >= 6}
    completed = {crn for crn in midpoint if crc[crn]["outcome"] == "Completed"}
    stages = [{row["crn"] for row in nps}, eligible, community, assigned, started, midpoint]
    names = ("sentenced", "eligible", "community sentence with RAR", "assigned", "started")
    return dict(zip((*names, "midpoint", "completed"), [*stages, completed], strict=True))


def score(row: Row, scale: str) -> float | None:
    """A primary scale's score, None when too little is answered."""
    letter, items, least = SCALES[scale]
    answers = [(f"{letter}{i + 1}", row[f"{letter}{i + 1}"]) for i in range(items)]
    keyed = [6 - a if name in REVERSED else a for name, a in answers if a is not None and a <= 5]
    return sum(keyed) / len(keyed) if len(keyed) >= least else None


def first_responses(counts: dict[str, Count], cohort: set[str]) -> dict[tuple[str, int], Row]:
    """CRN and wave to the response that counts: the first complete one, else the first partial."""
    survey = counts["ors_attendee_survey"].held.values()
    ranked = sorted(
        (row for row in survey if row["status"] in (1, 3) and row["crn"] in cohort),
        key=lambda row: (row["status"], row["interviewstart"], int(row["respid"])),
    )
    first: dict[tuple[str, int], Row] = {}
    for row in ranked:
        first.setdefault((row["crn"], row["wave"]), row)
    return first


def change_by_scale(counts: dict[str, Count], cohort: set[str]) -> dict[str, dict[str, float]]:
    """Scale to each paired person's change from start to end."""
    first = first_responses(counts, cohort)
    changes: dict[str, dict[str, float]] = {scale: {} for scale in SCALES}
    for scale, changed in changes.items():
        for crn in {crn for crn, _ in first}:
            ends = [first.get((crn, wave)) for wave in (1, 3)]
            scores = [score(row, scale) for row in ends if row]
            if len(scores) == 2 and None not in scores:
                changed[crn] = scores[1] - scores[0]  # type: ignore[operator]
    return changes
