"""Large invented drops: one line for each invented person, in the columns the agencies send."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import openpyxl

_BOROUGHS = ("Lambeth", "Southwark", "Newham", "Ealing")
_NPS = (
    "Offender Management Team", "Offender Manager Name", "CRN", "Offender Name", "Gender",
    "Date of Birth", "Borough", "Disposal Date", "Offence Code", "Offence Description",
    "Proposed Sentence", "Resulting Sentence", "Court",
)  # fmt: skip
_CRC = (
    "Team", "Offender Manager", "CRN", "Name", "DOB", "Gender", "Borough of residence",
    "Sentence date", "Sentence type", "RAR days", "Offence code", "Assigned to Safer Streets?",
    "If not assigned: reason code", "One-to-one?", "If one-to-one: reason code", "Start date",
    "Sessions attended", "Outcome", "Outcome date",
)  # fmt: skip


def write_nps(path: Path, rows: int) -> None:
    """A CSV file of court outcomes, as NPS sends them."""
    draw = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(_NPS)
        for number in range(rows):
            born, sentenced = _days(number)
            writer.writerow(
                [
                    f"Cluster {number % 40}", "Priya Nandakumar", _crn(number),
                    f"FENWICK, Darnell {number}", draw.choice("MF"), born,
                    draw.choice(_BOROUGHS), sentenced, "00826",
                    "Having an article with blade or point in public place",
                    "Community Order", "Community Order", "Thames Magistrates' Court",
                ]
            )  # fmt: skip


def write_crc(path: Path, rows: int) -> None:
    """A workbook of eligibility and assignment, as London CRC sends it."""
    draw = random.Random(1)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Eligibility")
    sheet.append(["OFFICIAL SENSITIVE"])
    sheet.append(["Position at 30 November 2020"])
    sheet.append(_CRC)
    for number in range(rows):
        born, sentenced = _days(number)
        sheet.append(
            [
                f"Cluster {number % 40}", "Priya Nandakumar", _crn(number),
                f"FENWICK, Darnell {number}", born, draw.choice(("Male", "Female")),
                draw.choice(_BOROUGHS), sentenced, "Community Order", 20, "00826", "Yes", None,
                "No", None, "03/02/2020", 7, "In progress", None,
            ]
        )  # fmt: skip
    book.save(path)


def _crn(number: int) -> str:
    letter, digits = divmod(number, 1_000_000)
    return f"{'ABCDEFGHJKLMNPQRSTUV'[letter]}{digits:06}"


def _days(number: int) -> tuple[str, str]:
    born = f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1970 + number % 30}"
    return born, f"{number % 28 + 1:02}/{number // 3 % 12 + 1:02}/2020"
