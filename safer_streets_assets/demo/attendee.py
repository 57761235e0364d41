"""The attendee survey's cumulative exports, as CSV, workbook and SPSS file in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival, month_end
from safer_streets_assets.demo.csv_file import CsvStyle, write_csv
from safer_streets_assets.demo.landing import Landing, Writer
from safer_streets_assets.demo.sav_file import write_sav
from safer_streets_assets.demo.survey import Response
from safer_streets_assets.demo.truth import Tally
from safer_streets_assets.demo.xlsx_file import SheetValue, write_xlsx

QUARTER: Final = 3
FORMATS: Final = ("csv", "xlsx", "sav")
_CSV_STYLES: Final = (CsvStyle("utf-8-sig"), CsvStyle("utf-8", ";", "\n", header="mixed"))
_TEXT: Final = ("serial", "CRN", "InterviewStart", "InterviewEnd", "device", "lang", *v.FREE_TEXT)
_MINUTE: Final = "%d/%m/%Y %H:%M"
_VALUES: Final = (
    ("Variable", "Code", "Label"),
    ("A1-G4", 1, "Strongly agree"),
    ("A1-G4", 5, "Strongly disagree"),
    ("A1-G4", 97, "Don't know"),
    ("A1-G4", 98, "Prefer not to say"),
    ("A1-G4", 99, "Not answered"),
)


def export_plan(months: Sequence[date]) -> list[tuple[date, str]]:
    """Last day and format of every export.

    One at the end of each quarter and at the very end, formats in turn; formats whose turn has not
    come by then follow at the end, so that every demo has all three.
    """
    ends = [month_end(month) for month in months]
    days = ends[QUARTER - 1 :: QUARTER]
    days = days if days and days[-1] == ends[-1] else [*days, ends[-1]]
    plan = [(day, FORMATS[number % len(FORMATS)]) for number, day in enumerate(days)]
    return plan + [(ends[-1], kind) for kind in FORMATS[len(days) :]]


def write_attendee(
    landing: Landing, responses: Sequence[Response], months: Sequence[date]
) -> Tally:
    """Write the attendee survey's folder and return its tally.

    An export with nothing new is not sent, unless it is the first of its format.
    """
    tally = Tally()
    sent: dict[str, int] = {}
    for number, (day, kind) in enumerate(export_plan(months)):
        known = [response for response in responses if response.start.date() <= day]
        if not known or (kind in sent and len(known) == max(sent.values())):
            continue
        sent[kind] = len(known)
        rows = _counted(known, tally)
        landing.put(
            v.ATTENDEE,
            f"SaferStreets_attendee_{day}.{kind}",
            arrival(day, 2, 8, number),
            _writer(kind, rows, number),
            tally=tally,
        )
    tally.typos = sum(response.typo for response in responses)
    return tally


def _writer(kind: str, rows: Iterable[list[SheetValue]], number: int) -> Writer:
    columns = v.ATTENDEE_COLUMNS
    if kind == "csv":
        style = _CSV_STYLES[number // len(FORMATS) % len(_CSV_STYLES)]
        return lambda path: write_csv(path, columns, rows, style)
    if kind == "xlsx":
        return lambda path: write_xlsx(path, {"Data": _headed(rows), "Values": _VALUES})
    return lambda path: _write_sav(path, rows)


def _write_sav(path: Path, rows: Iterable[list[SheetValue]]) -> None:
    write_sav(
        path,
        v.ATTENDEE_COLUMNS,
        list(rows),
        text=_TEXT,
        user_missing=(*v.LIKERT_ITEMS, *v.WELLBEING),
        labels={"wave": {1: "Start", 2: "Middle", 3: "End"}},
    )


def _headed(rows: Iterable[list[SheetValue]]) -> Iterator[Sequence[SheetValue]]:
    yield v.ATTENDEE_COLUMNS
    yield from rows


def _counted(responses: Iterable[Response], tally: Tally) -> Iterator[list[SheetValue]]:
    for response in responses:
        row = _row(response)
        if response.rule is None:
            key = response.person or response.crn
            tally.take(response.respid, (key, *row[2:4], *row[5:7], *row[9:]))
        else:
            tally.set_aside(response.rule)
        yield row


def _row(response: Response) -> list[SheetValue]:
    ended = response.start + timedelta(minutes=response.minutes)
    return [
        *(response.respid, f"SS{response.respid}", response.status, response.wave, response.crn),
        *(response.bad_start or f"{response.start:{_MINUTE}}", f"{ended:{_MINUTE}}"),
        *("Mobile" if response.respid % 5 else "Desktop", "EN", *response.answers),
    ]
