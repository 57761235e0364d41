"""Plants canaries in drops: in every place where a file that arrives may name somebody."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

from safer_streets_assets.demo.sealed_file import PASSWORD, encrypt_workbook
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CHECKIN_ROW,
    CRC,
    CRC_ROW,
    FORM_ROW,
    MPS,
    NOVO,
    NPS,
    NPS_ROW,
    RESPONSE_ROW,
    STUDY_ROW,
    TRAINING,
    csv_drop,
    put,
    workbook_drop,
)
from safer_streets_assets_tests.privacy.traces import canary_crn, word

PEOPLE = 40
"""Canary people in rows that pass the rules: sentenced in a borough that is not in the roll-out."""

BEHIND_A_PASSWORD = {"unlocked", "locked"}
"""Places inside encrypted workbooks, which no search of the bytes can see."""

PLACES = {
    "filename", "foldername", "unknownfile", "unknowncell", "loosefile", "loosecell", "link",
    "header", "outside", "person", "manager", "sheet", "cell", "author", "title", "comment",
    "answer", "label", "useful", "summary", "anonymous", "sealedname", "nested",
    "crn", "missing", "date", "order", "code", "ragged", "number", "range",
    "age", "future", "misplaced", "contact", "twice", "borough", "court", "sentence",
    "unparsed", "nul", "lacking", "doubled", "bad", "police", "wide",
}  # fmt: skip
"""Every place with a canary that a search of the landing finds."""


def plant(folder: DataFolder, passwords: Path) -> None:
    """Puts the drops with canaries into the landing, and the password of one into a file."""
    passwords.write_text(f"{PASSWORD}\n", encoding="utf-8")
    _plant_rows(folder)
    _plant_workbooks(folder)
    _plant_surveys(folder)
    _plant_refused(folder)
    _plant_unreadable(folder)


def _plant_rows(folder: DataFolder) -> None:
    """Rows that pass, rows that break each rule, and columns beyond the agreement."""
    person = {
        **NPS_ROW,
        "Offender Manager Name": word("manager"),
        "Offender Name": f"{word('person').upper()}, Ada",
        "Borough": "Barnet",
        word("header"): word("outside"),
    }
    good = [{**person, "CRN": canary_crn(number)} for number in range(PEOPLE)]
    good[1] |= {"Court": f"{word('court')} Court", "Proposed Sentence": f"={word('sentence')}"}
    good[2] |= {"Borough": f"LB {word('borough')}"}
    good.insert(0, {**good[0], "Offender Manager Name": word("twice")})
    bad: list[dict[str, Any]] = [
        {**person, "CRN": word("crn")},
        {**person, "CRN": canary_crn(101), "Borough": "", "Offender Name": word("missing")},
        {**person, "CRN": canary_crn(102), "Disposal Date": word("date")},
        {
            **person,
            "CRN": canary_crn(103),
            "Date of Birth": "01/02/2020",
            "Offender Name": word("order"),
        },
        {
            **person,
            "CRN": canary_crn(105),
            "Date of Birth": "01/02/1901",
            "Offender Name": word("age"),
        },
        {
            **person,
            "CRN": canary_crn(106),
            "Disposal Date": "01/02/2099",
            "Offender Name": word("future"),
        },
        {
            **person,
            "CRN": canary_crn(107),
            "Offence Description": f"{word('misplaced')} {canary_crn(902)}",
        },
        {**person, "CRN": canary_crn(108), "Borough": f"1 {word('contact')} Road E14 9XX"},
        {**person, "CRN": canary_crn(104), "Gender": word("code")},
    ]
    content = csv_drop([*good, *bad])
    ragged = content.splitlines()[-1].replace(word("code").encode(), b"M")
    put(
        folder,
        NPS,
        f"{word('filename')} {canary_crn(900)} outcomes.csv",
        content + ragged + f",,{word('ragged')}\r\n".encode(),
    )
    named = f"Ada {word('person')}, {canary_crn(901)}, ada.{word('person')}@example.org"
    said = f"{word('comment')} asked {word('manager')} after {named} and it went well"
    checkin = {**CHECKIN_ROW, "Comments": said}
    rows = [
        {**checkin, "CRN": canary_crn(number), "ResponseID": str(990_000 + number)}
        for number in range(PEOPLE)
    ]
    rows[0] |= {"Session": word("number")}
    rows[1] |= {"Session": "99", "Comments": word("range")}
    put(folder, CHECKIN, "checkin.csv", csv_drop(rows))


def _plant_workbooks(folder: DataFolder) -> None:
    """Other sheets, properties and titles of workbooks, protected ones, and anonymous material."""
    person = {
        **CRC_ROW,
        "Name": f"{word('person')}, Ada",
        "Borough of residence": "Barnet",
        "Assigned to Safer Streets?": "No",
        "If not assigned: reason code": "99",
        "Start date": None,
        "Sessions attended": None,
        "Outcome": None,
        "CRN": canary_crn(1),
    }
    put(folder, CRC, "eligibility.xlsx", _crc_workbook(person, "30 November 2009"))
    for name, cell, password in (
        ("eligibility again.xlsx", "unlocked", PASSWORD),
        (f"{word('sealedname')} eligibility.xlsx", "locked", "nobody knows this"),
    ):
        place = put(folder, CRC, name, _crc_workbook({**person, "Name": word(cell)}, "2009-12-31"))
        encrypt_workbook(place, password)
    forms = [
        {**FORM_ROW, "Form": f"99{number}", "Most useful": word("useful")} for number in range(9)
    ]
    forms[0] |= {"Improve": f"Ask {word('anonymous')} ({canary_crn(902)})"}
    put(folder, TRAINING, "training.xlsx", workbook_drop("Feedback", forms))
    studies = [{**STUDY_ROW, "Reference": "CS99", "Summary": word("summary")}]
    put(folder, NOVO, "studies.xlsx", workbook_drop("Case studies", studies))


def _crc_workbook(row: Mapping[str, Any], position: str) -> bytes:
    above: tuple[list[str], ...] = (
        ["OFFICIAL SENSITIVE", word("title")],
        [f"Position at {position}"],
        [],
    )
    others = {word("sheet"): [[word("cell"), canary_crn(903)]]}
    plain = workbook_drop("Eligibility", [row], above, **others)
    book = openpyxl.load_workbook(io.BytesIO(plain))
    book.properties.creator = word("author")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plant_surveys(folder: DataFolder) -> None:
    """Open answers, and the label of a variable of an SPSS file."""
    row = {
        **RESPONSE_ROW,
        "respid": 99_001,
        "CRN": canary_crn(2),
        "InterviewStart": "03/02/2010 10:15",
        "InterviewEnd": "03/02/2010 10:31",
        "X5": f"{word('answer')}: thanks to {word('manager').lower()}",
    }
    frame = pd.DataFrame([{name: str(v) for name, v in row.items() if v is not None}])
    place = put(folder, ATTENDEE, "attendees.sav", b"")
    labels: list[str | None] = [word("label") if name == "X5" else name for name in frame.columns]
    pyreadstat.write_sav(frame, str(place), column_labels=labels)
    saved = datetime(2010, 2, 3, 17).timestamp()  # before any other export of the portal
    os.utime(place, (saved, saved))


def _plant_refused(folder: DataFolder) -> None:
    """What no agreement covers: it is refused unread."""
    police = [{"CRN": canary_crn(3), "Event": word("police")}]
    unknown = [{"Name": word("unknowncell")}]
    put(folder, MPS, "extract.csv", csv_drop(police))
    put(folder, word("foldername"), f"{word('unknownfile')} list.csv", csv_drop(unknown))
    loose = folder.landing / f"{word('loosefile')} notes.csv"
    loose.write_bytes(csv_drop([{"Name": word("loosecell")}]))
    (folder.landing / NPS / f"{word('link')} outcomes.csv").symlink_to(loose)


def _plant_unreadable(folder: DataFolder) -> None:
    """Files that cannot be read or break too many rules."""
    header = csv_drop([NPS_ROW]).splitlines()[0].decode()
    doubled = f"{header},CRN,{word('doubled')},{word('doubled')}\r\n"
    for name, content in {
        "unparsed.csv": f'{header}\r\n"{word("unparsed")},"a"b",{canary_crn(4)}\r\n'.encode(),
        "nul.csv": f"{header}\r\n{word('nul')}\0,{canary_crn(5)}\r\n".encode(),
        "lacking.csv": csv_drop([{"CRN": canary_crn(6), word("lacking"): "x"}]),
        "doubled.csv": doubled.encode() + csv_drop([NPS_ROW]).splitlines()[1] + b"\r\n",
        "wide.csv": f"Name,{canary_crn(7)}\r\n{word('wide')},x\r\n".encode("utf-16"),
    }.items():
        put(folder, NPS, name, content)
    bad = [{**CHECKIN_ROW, "CRN": word("bad"), "ResponseID": str(n)} for n in range(9)]
    put(folder, f"{CHECKIN}/{word('nested')}", "bad.csv", csv_drop(bad))
