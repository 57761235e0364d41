"""The plain stack's drops: one frame a source, read with pandas, each an asset of Dagster."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyreadstat
import yaml

POLICY = Path(__file__).resolve().parents[2] / "safer_streets_assets" / "policy"
KEY = secrets.token_bytes(32)
GENDERS = {"m": "Male", "male": "Male", "f": "Female", "female": "Female"}


class Place(dg.ConfigurableResource[Any]):
    """Where the drops lie, where the tables go, and what hides cells beside small ones."""

    landing: str
    out: str
    secondary: str

    def rows(self, source: str, date: str, sheet: str = "", header: str = "") -> pd.DataFrame:
        """All rows of a source, its files in the order of the latest date in them."""
        files = sorted((Path(self.landing) / source).iterdir())
        frames = [_read(path, sheet, header) for path in files]
        for frame in frames:
            frame[date] = _days(frame[date])
        frames.sort(key=lambda one: one[date].max())
        return pd.concat(frames, ignore_index=True)


@cache
def policy(name: str) -> Any:
    """A policy file as it stands."""
    return yaml.load((POLICY / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)


def _read(path: Path, sheet: str, header: str) -> pd.DataFrame:
    """A file's rows; in a workbook the titles stand in the row that has the given one."""
    if path.suffix == ".sav":
        frame, _ = pyreadstat.read_sav(str(path), user_missing=True)
    elif path.suffix == ".csv":
        text = _text(path.read_bytes())
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        frame = pd.read_csv(StringIO(text), dtype=str, sep=delimiter)
    else:
        cells = pd.read_excel(path, sheet_name=sheet or 0, header=None, engine="calamine")
        rows = enumerate(cells.itertuples(index=False))
        titles = next(place for place, row in rows if header in map(_name, row))
        frame = cells.iloc[titles + 1 :].set_axis(cells.iloc[titles].astype(str), axis=1)
    return frame.rename(columns=_name)


def _name(title: object) -> str:
    """A column's name: its title in lower case, in words with one underscore between them."""
    return re.sub(r"\W+", "_", str(title).lower()).strip("_")


def _text(given: bytes) -> str:
    """What the bytes say in UTF-16 or UTF-8; otherwise in Windows-1252."""
    if given.startswith((b"\xff\xfe", b"\xfe\xff")):
        return given.decode("utf-16")
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError:
        return given.decode("cp1252")


def _days(texts: pd.Series) -> pd.Series:
    """The days of dd/mm/yyyy, ISO dates and Excel's dates; missing where there is none."""
    days = texts.astype(str).str[:10]
    british = pd.to_datetime(days, format="%d/%m/%Y", errors="coerce")
    return british.fillna(pd.to_datetime(days, format="%Y-%m-%d", errors="coerce"))


def _person(crn: object) -> str | None:
    """The keyed hash of a CRN; none where it is malformed."""
    known = re.sub(r"[\s.-]", "", unicodedata.normalize("NFKC", str(crn)).upper())
    if not re.fullmatch(r"[A-Z]\d{6}", known):
        return None
    return hmac.new(KEY, known.encode(), hashlib.sha256).hexdigest()[:32]


def _years(born: pd.Series, day: pd.Series) -> pd.Series:
    """Whole years from one day to another."""
    before_birthday = day.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    years: pd.Series = day.dt.year - born.dt.year - before_birthday
    return years


def age_bands(ages: pd.Series) -> pd.Series:
    """The policy's age band of each age."""
    bands = policy("dpia")["cohort"]["age_bands"]
    return pd.cut(ages, [*bands, 200], right=False, labels=list(bands.values())).astype(str)


@dg.asset
def court_cases(place: Place) -> pd.DataFrame:
    """NPS: one row a disposal, the last version of it; rows that break a rule are left out."""
    rows = place.rows("nps_court_outcomes", "disposal_date")
    rows["person"] = rows["crn"].map(_person)
    rows["gender"] = rows["gender"].str.strip().str.lower().map(GENDERS)
    rows["offence"] = rows["offence_code"].str.strip().str.zfill(5)
    born = _days(rows["date_of_birth"])
    rows["age"] = _years(born, rows["disposal_date"])
    rows = rows.dropna(subset=["person", "disposal_date", "age"])
    rows = rows[rows["age"].between(*policy("dpia")["cohort"]["plausible_ages"])]
    rows = rows.drop_duplicates(["person", "disposal_date", "offence"], keep="last")
    rows = rows.rename(columns={"resulting_sentence": "sentence"})
    return rows[
        ["person", "disposal_date", "age", "gender", "borough", "offence", "sentence", "court"]
    ]


@dg.asset
def programme_cases(place: Place) -> pd.DataFrame:
    """CRC: one row a case, as in the last workbook that has it."""
    rows = place.rows("crc_eligibility", "sentence_date", "Eligibility", "crn")
    rows["person"] = rows["crn"].map(_person)
    rows = rows.dropna(subset=["person", "sentence_date"])
    rows = rows.drop_duplicates(["person", "sentence_date"], keep="last").reset_index(drop=True)
    assigned, alone = rows["assigned_to_safer_streets"] == "Yes", rows["one_to_one"] == "Yes"
    return pd.DataFrame(
        {
            "person": rows["person"],
            "sentence_date": rows["sentence_date"],
            "crc_gender": rows["gender"].str.strip().str.lower().map(GENDERS),
            "crc_borough": rows["borough_of_residence"],
            "crc_offence": rows["offence_code"].astype(str).str.zfill(5),
            "crc_age_band": age_bands(_years(_days(rows["dob"]), rows["sentence_date"])),
            "assigned": assigned,
            "delivery": alone.map({True: "One-to-one", False: "Group"}).where(
                assigned, "Not assigned"
            ),
            "reason_not_assigned": rows["if_not_assigned_reason_code"],
            "reason_one_to_one": rows["if_one_to_one_reason_code"],
            "start_date": _days(rows["start_date"]),
            "outcome_date": _days(rows["outcome_date"]),
            "sessions_attended": pd.to_numeric(rows["sessions_attended"]).fillna(0).astype(int),
            "outcome": rows["outcome"],
        }
    )


@dg.asset
def responses(place: Place) -> pd.DataFrame:
    """The survey: one row a response, as in the last export that has it."""
    rows = place.rows("ors_attendee_survey", "interviewstart", "Data", "crn")
    rows["person"] = rows["crn"].map(_person)
    questionnaire = policy("questionnaire")
    asked = [one["id"].lower() for one in questionnaire["items"]]
    asked += [name for name in map(str, rows) if re.fullmatch(r"s1|s2_\d+|m1|x[1-4]", name)]
    numbers = ["respid", "status", "wave", *asked]
    rows[numbers] = rows[numbers].apply(pd.to_numeric).astype("Int64")
    rows = rows.dropna(subset=["person", "interviewstart"])
    rows = rows.drop_duplicates("respid", keep="last")
    return rows[["person", "interviewstart", *numbers]]


@dg.asset
def checkins(place: Place) -> pd.DataFrame:
    """Check-ins: one row a person and session visit, the last version of it."""
    rows = place.rows("ors_facilitator_checkin", "sessiondate")
    rows["person"] = rows["crn"].map(_person)
    numbers = ["session", "engagement"]
    rows[numbers] = rows[numbers].apply(pd.to_numeric)
    rows = rows[rows["attended"] == "Yes"].dropna(subset=["person"])
    rows = rows.drop_duplicates("responseid", keep="last")
    return rows[["person", "sessiondate", *numbers]]


@dg.asset
def forms(place: Place) -> pd.DataFrame:
    """The anonymous feedback forms of the training days."""
    return place.rows("training_feedback", "training_date", header="form")


@dg.asset
def case_studies(place: Place) -> pd.DataFrame:
    """MTC Novo's anonymous case studies."""
    (path,) = (Path(place.landing) / "mtc_novo").iterdir()
    return _read(path, "", "reference")
