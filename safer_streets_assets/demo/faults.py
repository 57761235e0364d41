"""Files that must not be taken in: unknown source, empty, garbage, a column missing, mostly bad."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from safer_streets_assets.demo import untidy
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import arrival, month_end
from safer_streets_assets.demo.csv_file import CsvStyle, write_csv
from safer_streets_assets.demo.dice import dice
from safer_streets_assets.demo.landing import Landing, Writer
from safer_streets_assets.demo.people import InventedPerson
from safer_streets_assets.demo.police import police_extract
from safer_streets_assets.demo.truth import QUARANTINED, REFUSED

_GARBAGE_BYTES: Final = 4096
_BAD_ROWS: Final = 8
_NPS_COLUMNS_LEFT: Final = 8


def write_faults(
    landing: Landing, everybody: Sequence[InventedPerson], months: Sequence[date], seed: int
) -> None:
    """Write one drop that must end refused, and four that must end quarantined."""
    last, some = months[-1], everybody[:10]
    day = f"{month_end(last):%d/%m/%Y}"
    garbage = dice(seed, "faults").randbytes(_GARBAGE_BYTES)
    files: tuple[tuple[str, str, str, Writer], ...] = (
        (
            v.MPS,
            "MPS reoffending extract.csv",
            REFUSED,
            police_extract(everybody, month_end(last), seed),
        ),
        (
            v.CHECKIN,
            f"SaferStreets_checkin_{last:%Y-%m} final.csv",
            QUARANTINED,
            lambda path: path.write_bytes(b""),
        ),
        (
            v.CRC,
            "CRC_SSP_eligibility_FINAL.xlsx",
            QUARANTINED,
            lambda path: path.write_bytes(garbage),
        ),
        (v.NPS, "NPS Court Outcomes extra.csv", QUARANTINED, _columns_missing(some, day)),
        (v.CHECKIN, "SaferStreets_checkin_typed.csv", QUARANTINED, _mostly_bad(day)),
    )
    for number, (source, name, fate, write) in enumerate(files):
        landing.put(source, name, arrival(last, 6, 15, number), write, fate=fate)


def _columns_missing(people: Sequence[InventedPerson], day: str) -> Writer:
    """Without offence code, sentence and court."""
    rows = [
        [
            *(person.team, person.manager, person.crn, person.listed_name),
            *("M" if person.male else "F", f"{person.born:%d/%m/%Y}", person.borough, day),
        ]
        for person in people
    ]
    return lambda path: write_csv(path, v.NPS_COLUMNS[:_NPS_COLUMNS_LEFT], rows, CsvStyle())


def _mostly_bad(day: str) -> Writer:
    rows = [
        [f"900{number}", day, untidy.malformed(number), 1, "Yes", 3, "Group", None]
        for number in range(_BAD_ROWS)
    ]
    return lambda path: write_csv(path, v.CHECKIN_COLUMNS, rows, CsvStyle())
