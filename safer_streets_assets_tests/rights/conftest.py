"""A data folder with a person in every source, and commands that get a CRN on standard input."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets import cli
from safer_streets_assets.accountability.tables import Entry
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.console import registers, rights
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.quotes.records import ensure_quotes
from safer_streets_assets.rights.answering import answer_request
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    build_cohort,
    data_folder,
    load_rows,
    no_settings_from_outside,
    people_rows,
    rows_of,
    shipped_policy,
)
from safer_streets_assets_tests.privacy.traces import canary_crn, word

__all__ = ["no_settings_from_outside"]

THEIRS = canary_crn(120)
FITS, UNCLEAR, SOMEBODY = canary_crn(102), canary_crn(121), canary_crn(555)
"""CRNs: of the person; one slip away and fitting; one slip away and not known; of another."""

BORN = "17/05/1991"


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, and both streams."""

    code: int
    text: str


Command = Callable[..., Said]


def fill(folder: DataFolder) -> None:
    """Rows of the person in every source with people, set aside, and under CRNs one slip away."""
    preflight(folder)
    policy = shipped_policy()
    theirs = {"CRN": THEIRS}
    officer = f"{word('officer')} Jane"
    own = {**theirs, "Offender Name": f"{word('person')}, Ada", "Offender Manager Name": officer}
    own |= {"Date of Birth": BORN}
    other = {"CRN": SOMEBODY, "Offender Name": f"{word('other')}, Bo"}
    crc = {"Name": f"{word('person')}, Ada", "DOB": BORN, "Offender Manager": officer}
    with open_stores(folder, write=STORE_NAMES) as connection:
        prepare_intake(connection, policy)
        bad = {**own, "Disposal Date": word("aside")}
        load_rows(connection, NPS, [*people_rows(NPS, 5), *rows_of(NPS, own, other, bad)])
        load_rows(connection, NPS, rows_of(NPS, {**own, "Borough": "Lambeth"}), drop=2)
        aside = {**crc, "CRN": f"{THEIRS}1", "Gender": "Male"}
        load_rows(
            connection,
            CRC,
            rows_of(CRC, {**crc, **theirs}, {**crc, "CRN": FITS}, {"CRN": SOMEBODY}, aside),
        )
        answers = rows_of(
            ATTENDEE,
            {**theirs, "respid": "1", "X5": "It helped"},
            {"CRN": UNCLEAR, "respid": "2"},
            {"CRN": SOMEBODY, "respid": "3", "X5": f"I met {word('person')} Ada there"},
        )
        load_rows(connection, ATTENDEE, answers)
        told = f"{word('comment')} quarrelled with {word('other')} Bo"
        visits = rows_of(CHECKIN, {**theirs, "ResponseID": "1", "Comments": told})
        load_rows(connection, CHECKIN, visits)
        load_rows(connection, NOVO, rows_of(NOVO, {}))
        connection.execute(read_sql("texts", "masked_words"))
        masked = [(ATTENDEE, THEIRS, "w1"), (CHECKIN, THEIRS, "w2"), (CHECKIN, SOMEBODY, "w3")]
        connection.executemany("INSERT INTO restricted.masked_words VALUES (?, ?, ?)", masked)
        ensure_quotes(connection)
        connection.execute(
            "INSERT INTO restricted.quotes (quote_id, source, field, crn_key, drop_id, text_id, "
            "words, consent, proposed_by, proposed_number, proposed_at) "
            "VALUES ('q1', ?, 'x5', ?, ?, 't1', 'It helped', 'asked_in_writing', 'ada', 1, now())",
            [ATTENDEE, THEIRS, f"{ATTENDEE}-1"],
        )
        build_cohort(connection, folder)
        find_near_misses(connection, folder, policy)
        connection.execute(
            "CREATE TABLE research.table_of_later AS SELECT person_id AS whose, 7 AS score "
            f"FROM restricted.person_pseudonyms WHERE crn_key = '{THEIRS}'"
        )


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder, made once."""
    root = tmp_path_factory.mktemp("rights") / "data"
    fill(data_folder(root))
    return root


@pytest.fixture(scope="session")
def answered(filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one answer, with the texts kept back, for tests that only read it."""
    done = answer_request(
        DataFolder(filled_once, filled_once / "keys"),
        shipped_policy(),
        THEIRS,
        out=tmp_path_factory.mktemp("answered"),
        received_on=date(2021, 2, 1),
        request_id=None,
        for_review=True,
        entry=Entry("somebody", datetime(2021, 2, 1, 12)),
    )
    return done.place


@pytest.fixture
def filled(filled_once: Path, tmp_path: Path) -> DataFolder:
    """A copy of the data folder."""
    shutil.copytree(filled_once, tmp_path / "data")
    return data_folder(tmp_path / "data")


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs a command as the shell would, with a text on standard input."""

    def run(folder: DataFolder, *words: str | Path, given: str = "") -> Said:
        code = 0
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys, "argv", ["safer-streets", *map(str, words)])
            patched.setattr(sys, "stdin", io.StringIO(given))
            # Read once for all tests: it takes longer than most of these commands.
            patched.setattr(rights, "load_policy", shipped_policy)
            patched.setattr(registers, "load_policy", shipped_policy)
            patched.setenv("SAFER_STREETS_DATA", str(folder.root))
            try:
                cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
        streams = capfd.readouterr()
        return Said(code, streams.out + streams.err)

    return run
