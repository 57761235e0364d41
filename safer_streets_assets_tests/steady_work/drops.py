"""Invented drops of Steady Work: referrals, placements, and a survey of two waves."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

POLICY = Path(__file__).parent / "policy"
PEOPLE = 240
FIRST_DAY = date(2026, 1, 12)
MISTYPED = "WK10001"
"""One slip away from the case number of the first person, whom its row fits."""
SOMEBODY_ELSE = "WK10223"
"""One slip away from that of the seventh, whom its row contradicts."""
DISTRICTS = ("Eastmere", "Holtvale", "Saltby", "Nowhere at all")
SEXES = ("F", "M", "M")
TRADES = ("Catering", "Joinery", "Warehouse")


def crn(number: int) -> str:
    """The case number of somebody: two letters and five digits."""
    return f"WK{10000 + 37 * number}"


def full_name(number: int) -> str:
    """The name of somebody, whom nobody is called."""
    return f"Quillon{chr(97 + number % 26)} Varrow{chr(97 + number // 26)}"


def write_drops(landing: Path) -> None:
    """Writes one drop of each source into a landing folder."""
    _put(landing / "referrals" / "january.csv", _csv(_referrals()))
    _put(landing / "placements" / "placements.xlsx", _workbook(_placements()))
    _put(landing / "work_survey" / "answers.csv", _csv(_answers()))


def _referrals() -> list[dict[str, str]]:
    return [
        {
            "Case number": crn(number),
            "Person": full_name(number),
            "Sex": SEXES[number % 3],
            "Born": _born(number).isoformat(),
            "District": DISTRICTS[number % 7 % 4],
            "Referred": _referred(number).isoformat(),
        }
        for number in range(PEOPLE)
    ]


def _referred(number: int) -> date:
    return FIRST_DAY + timedelta(days=number % 110)


def _born(number: int) -> date:
    return date(1960 + number % 45, 1 + number % 9, 11)


def _placements() -> list[dict[str, object]]:
    """A placement of each of most people, and two under numbers that are nobody's."""
    placed = [number for number in range(PEOPLE) if number % 6]
    return [
        *(_placement(number) for number in placed),
        {**_placement(0), "Case number": MISTYPED},
        {**_placement(6), "Case number": SOMEBODY_ELSE, "Born": _born(7)},
    ]


def _placement(number: int) -> dict[str, object]:
    return {
        "Case number": crn(number),
        "Mentor": "Odalys Brenthe",
        "Trainee": full_name(number),
        "Sex": SEXES[number % 3],
        "Born": _born(number),
        "Offered": _referred(number) + timedelta(days=9),
        "Began": _referred(number) + timedelta(days=20) if _begins(number) else None,
        "Trade": TRADES[number % 3],
        "In work": "Yes" if _begins(number) and number % 5 < 3 else "No",
    }


def _begins(number: int) -> bool:
    return number % 6 > 0 and number % 4 > 0


def _answers() -> list[dict[str, str]]:
    rows = []
    for number in filter(_begins, range(PEOPLE)):
        began = _referred(number) + timedelta(days=20)
        for week, days in (("first", 0), ("last", 50)):
            if week == "last" and number % 5 == 0:
                continue
            better = number * 7 % 5 > 1 and week == "last"
            rows.append(
                {
                    "Response": str(1000 + len(rows)),
                    "State": "finished",
                    "Week": week,
                    "Case number": crn(number),
                    "Answered": f"{began + timedelta(days=days):%Y-%m-%d} 10:{number % 60:02d}:00",
                    "O1": str(1 + number % 3 + better),
                    "O2": str(1 + number // 3 % 3 + better),
                    "O3": str(3 - number // 5 % 2 - better),
                }
            )
    return rows


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _workbook(rows: list[dict[str, object]]) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Placements"
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
