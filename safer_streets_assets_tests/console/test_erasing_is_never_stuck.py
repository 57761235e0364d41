"""Whatever stands in the way of an erasure, it is done, says where to look, and keeps nothing else
from going on: the commands as they are typed, on a data folder that the real intake filled."""

from __future__ import annotations

import itertools
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from safer_streets_assets.console.what_waits import everything_that_waits
from safer_streets_assets.retention.checks import build_checks
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.retention.traces.own_words import product_words
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import EVERY_MOMENT, NPS, TRAINING, shipped_policy
from safer_streets_assets_tests.console.typed import run
from safer_streets_assets_tests.retention.builders import (
    certificate_rows,
    folder_at,
    half_overwritten_registers,
    land,
    nps_csv,
    planted_in,
    publish,
    take_everything_in,
)

CRN, NAME = "K555001", "Hephzibah Wolstenholme"
MARKED = "fewer paper aeroplanes after lunch"
COMMON = ("Sessions", "Nothing", "Mental health")
ROLE = "Data Protection Officer"
NOW = ("--why", "asked for", "--now")
_TRAINING = "Form,Training date,Role,Aims clear,Confident to deliver,Materials,Pace,Overall"


def training_csv() -> str:
    rows = [
        f"{n},06/01/2020,Facilitator,4,4,4,4,4,{text},{MARKED if n == 1 else ''}"
        for n, text in enumerate(COMMON, start=1)
    ]
    return "\n".join([f"{_TRAINING},Most useful,Improve", *rows, ""])


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = folder_at(tmp_path_factory.mktemp("never-stuck") / "data")
    policy = shipped_policy()
    shutil.copytree(template, folder.root)
    own = nps_csv((CRN,)).replace("Zebedee Quillfeather", NAME)
    land(folder, NPS, "one more.csv", own)
    land(folder, NPS, f"letter of {NAME}.xlsx", b"PK\x03\x04 broken")
    land(folder, TRAINING, "forms.csv", training_csv())
    take_everything_in(folder, policy)
    take_everything_in(folder, policy)
    return folder.root


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(filled, tmp_path / "data")
    return folder_at(tmp_path / "data")


def erase_person(folder: DataFolder) -> Result:
    return run(folder, "erase-person", *NOW, "--confirm", "erase", typed=CRN)


def erase_drop(folder: DataFolder, drop_id: str) -> Result:
    return run(folder, "erase-drop", drop_id, *NOW, "--confirm", drop_id[:12])


def query(folder: DataFolder, text: str) -> list[tuple[object, ...]]:
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        return connection.execute(text).fetchall()


def training_drop(folder: DataFolder) -> str:
    drops = f"SELECT drop_id FROM registers.drops WHERE source = '{TRAINING}' AND state = 'loaded'"
    ((drop_id,),) = query(folder, drops)
    return str(drop_id)


@pytest.mark.thorough
def test_an_objection_goes_with_its_person_and_only_with_them(folder: DataFolder) -> None:
    for crn in (CRN, "Q736251"):
        assert run(folder, "objections", "record", typed=crn).exit_code == 0
    done = erase_person(folder)
    assert done.exit_code == 0, done.output
    assert query(folder, "SELECT crn_key FROM restricted.objections") == [("Q736251",)]
    assert planted_in(folder, (CRN, "Wolstenholme")) == []


@pytest.mark.thorough
def test_an_objection_stays_when_a_drop_with_its_person_goes(folder: DataFolder) -> None:
    assert run(folder, "objections", "record", typed=CRN).exit_code == 0
    ((drop_id,),) = query(
        folder, f"SELECT drop_id FROM restricted.{NPS}_raw WHERE crn_key = '{CRN}'"
    )
    done = erase_drop(folder, str(drop_id))
    assert done.exit_code == 0, done.output
    assert query(folder, "SELECT crn_key FROM restricted.objections") == [(CRN,)]


@pytest.mark.thorough
def test_comments_of_words_of_the_product_are_not_searched_and_the_certificate_counts_them(
    folder: DataFolder,
) -> None:
    assert all(product_words().hold(text.lower()) for text in COMMON)
    publish(folder, "Sessions and mental health: nothing left", "2020-02-29", datetime(2020, 3, 1))
    done = erase_drop(folder, training_drop(folder))
    assert done.exit_code == 0, done.output
    assert "3 values that are ordinary words of this product were not searched" in done.output
    assert planted_in(folder, (MARKED,)) == []


TEXT = "TEXT"
HOLD = ("exceptions", "add", "restricted/store", "--by", ROLE, "--review", "2099-01-01")
BREACHES = ("registers", "breaches")
CONTACT = ("registers", "contacts", "add", "--party", "nps", "--rank", "primary")
TYPED = [
    ("publication", "add", "--title", TEXT, "--date", f"{date.today()}"),
    ("publication", "withdraw", "0", "--why", TEXT),
    (*HOLD, "--why", TEXT, "--least-data", "x", "--whereabouts", "x"),
    (*HOLD, "--why", "x", "--least-data", TEXT, "--whereabouts", "x"),
    (*HOLD, "--why", "x", "--least-data", "x", "--whereabouts", TEXT),
    ("conclusion", "withdraw", "--by", ROLE, "--why", TEXT),
    ("erase-person", "--yes", "--why", TEXT),
    ("erasures", "withdraw", "0" * 12, "--why", TEXT),
    ("objections", "decide", "0", "--decision", "refused", "--reasons", TEXT),
    (*BREACHES, "add", "--detected", "2020-01-01 10:00", "--severity", "low", "--what", TEXT),
    (*BREACHES, "no-report", "0", "--to", "ico", "--reasons", TEXT),
    (*BREACHES, "close", "0", "--lessons", TEXT),
    ("registers", "requests", "add", "--by", TEXT, "--for", "x", "--gateway", "x"),
    ("registers", "reviews", "add", "--by", "x", "--outcome", TEXT),
    (*CONTACT, "--role", TEXT, "--address", "lead@example.gov.uk"),
    (*CONTACT, "--role", "x", "--address", "hephzibah_wolstenholme2@example.gov.uk"),
]


@pytest.mark.thorough
def test_a_name_in_the_data_is_refused_wherever_a_text_is_typed(folder: DataFolder) -> None:
    forms = ("wolstenholme, hephzibah", "wolstenholme", "HephzibahWolstenholme")
    before = query(folder, "SELECT count(*) FROM registers.publications")
    for words, form in zip(TYPED, itertools.cycle(forms)):
        text = f"what {form} asked for"
        refused = run(folder, *(text if word == TEXT else word for word in words), typed=CRN)
        assert refused.exit_code == 1, words
        assert "name of somebody" in str(refused.exception), (words, refused.exception)
        assert "olstenholme" not in f"{refused.output}{refused.exception}"
    assert query(folder, "SELECT count(*) FROM registers.publications") == before


@pytest.mark.thorough
def test_a_clock_that_jumped_is_said_by_every_look_at_what_is_due(folder: DataFolder) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "INSERT INTO registers.last_seen VALUES (1, now()::TIMESTAMP + INTERVAL 90 DAY)"
        )
    refused = run(folder, "retention", "--enforce", "--yes")
    assert refused.exit_code == 1
    assert str(refused.exception).startswith("The clock says")
    for command in (("retention",), ("retention", "--dry-run")):
        looked = run(folder, *command)
        assert looked.exit_code == 0
        assert str(refused.exception) in looked.output


@pytest.mark.thorough
def test_a_name_that_stood_in_a_register_or_a_file_s_name_before_is_blotted_out(
    folder: DataFolder,
) -> None:
    publish(folder, f"The case of {NAME.upper()}", "2020-02-29", datetime(2020, 3, 1))
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "INSERT INTO registers.exceptions VALUES ('e1', 'restricted/store', ?, 'a', 'b', ?, "
            "DATE '2020-01-01', DATE '2020-06-01', TIMESTAMP '2020-01-01', NULL, NULL)",
            [f"{', '.join(reversed(NAME.split()))} appeals", ROLE],
        )
    assert planted_in(folder, ("Wolstenholme",)) != []
    done = erase_person(folder)
    assert done.exit_code == 0, done.output
    assert planted_in(folder, ("Wolstenholme", "WOLSTENHOLME")) == []
    assert query(folder, "SELECT title FROM registers.publications") == [("The case of [erased]",)]
    assert query(folder, "SELECT why FROM registers.exceptions") == [("[erased] appeals",)]
    names = {
        name for (name,) in query(folder, "SELECT file_name FROM restricted.quarantined_drops")
    }
    assert "letter of [erased].xlsx" in names


@pytest.mark.thorough
def test_what_is_found_is_told_by_its_place_blocks_nothing_and_is_settled_by_a_person(
    folder: DataFolder, tmp_path: Path
) -> None:
    (folder.releases / "r1" / "note.txt").write_text(f"thanks to {NAME}")
    publish(folder, f"Forms: {MARKED}", "2090-02-28", datetime(2020, 3, 1))
    stuck = erase_person(folder)
    assert stuck.exit_code == 1
    assert "the folder published" in str(stuck.exception)
    dropped = erase_drop(folder, training_drop(folder))
    assert dropped.exit_code == 1
    assert "the registers store, table publications, column title" in str(dropped.exception)
    shown = f"{stuck.output}{stuck.exception}{dropped.output}{dropped.exception}"
    assert planted_in(folder, (CRN,)) == []
    assert certificate_rows(folder) == []
    with open_stores(folder, write=["registers"], read=["restricted"]) as connection:
        waits = everything_that_waits(connection, folder, shipped_policy(), [])
    assert {one.what: one.number for one in waits}["erasures that could not be verified"] == 2

    preflight(folder)
    for command in (
        ("retention", "--enforce", "--yes"),
        ("backup", "make", str(tmp_path / "backup")),
        ("retention",),
        ("erasures", "list"),
    ):
        went_on = run(folder, *command)
        assert went_on.exit_code == 0, f"{went_on.output}{went_on.exception}"
        shown += went_on.output
    assert "erasures settle" in shown
    assert not [needle for needle in (CRN, "Wolstenholme", "note.txt") if needle in shown]

    opened = query(folder, "SELECT certificate_id FROM registers.open_erasures ORDER BY begun_at")
    (folder.releases / "r1" / "note.txt").unlink()
    found = run(folder, "retention", "--enforce", "--yes")
    assert "one person" in found.output
    why = "The title is of a report that quotes the form"
    unsure = run(folder, "erasures", "settle", str(opened[1][0]), "--why", why, "--by", ROLE)
    assert unsure.exit_code == 1
    settled = run(
        folder, "erasures", "settle", str(opened[1][0]), "--why", why, "--by", ROLE, "--yes"
    )
    assert settled.exit_code == 0, f"{settled.output}{settled.exception}"
    said = query(
        folder,
        "SELECT verification, verified_by, role FROM registers.deletion_certificates "
        "WHERE what LIKE 'one drop%'",
    )
    ((verification, verified_by, role),) = said
    assert str(verification).startswith("not verified")
    assert why in str(verification)
    assert ROLE in str(verified_by)
    assert role == shipped_policy().dpia.retention.answers_for_erasing
    assert query(folder, "FROM registers.open_erasures") == []
    assert not list(folder.keys.glob("open-*"))
    assert not list(folder.restricted.glob("*open-*"))
    with open_stores(folder, read=["registers"]) as connection:
        assert verify_chain(connection).broken_at is None


TAMPERINGS = (
    "UPDATE registers.deletion_certificates SET row_count = 9",
    "DELETE FROM registers.deletion_certificates",
    "DELETE FROM registers.deletion_certificates; DELETE FROM registers.certificate_chain",
    "DROP TABLE registers.deletion_certificates; DROP TABLE registers.certificate_chain",
)


@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.thorough
def test_certificates_that_were_tampered_with_fail_every_command_with_one_sentence(
    folder: DataFolder, tmp_path: Path, tampering: str
) -> None:
    """Every command meets the first tampering and one of the others, and every tampering some
    commands; all meet all with SAFER_STREETS_EVERY_MOMENT=1."""
    assert erase_person(folder).exit_code == 0
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(tampering)
    said = set()
    commands = (
        ("run",),
        ("retention",),
        ("retention", "--dry-run"),
        ("retention", "--enforce", "--yes"),
        ("erasures", "list"),
        ("registers", "export", "--out", str(tmp_path / "registers.xlsx")),
        ("backup", "make", str(tmp_path / "backup")),
        ("backup", "certificates", "--out", str(tmp_path / "certificates.json")),
    )
    place = TAMPERINGS.index(tampering)
    others = commands[place - 1 :: len(TAMPERINGS) - 1]
    for command in others if place and not EVERY_MOMENT else commands:
        failed = run(folder, *command)
        assert failed.exit_code == 1, command
        said.add(str(failed.exception))
    stores = StoresResource(data_folder=str(folder.root))
    (check,) = (
        one
        for one in build_checks(shipped_policy())
        if one.check_key.name == "certificate_chain_is_whole"
    )
    result = check(stores)
    assert not result.passed
    (sentence,) = {*said, str(result.description)}
    assert "chain of deletion certificates is broken at number 1" in sentence
    assert list(tmp_path.glob("[rbc]*")) == []


@pytest.mark.thorough
def test_the_note_of_where_the_chain_ends_is_brought_up_by_the_next_command(
    folder: DataFolder,
) -> None:
    """As a kill leaves it between the certificate and the note: behind, or not there yet."""
    assert erase_person(folder).exit_code == 0
    note = folder.registers / "chain.json"
    noted = note.read_text()
    note.unlink()
    assert run(folder, "retention").exit_code == 0
    assert run(folder, "retention", "--enforce", "--yes").exit_code == 0
    assert note.read_text() == noted
    note.write_text(noted[:20])
    failed = run(folder, "retention")
    assert "chain of deletion certificates is broken" in str(failed.exception)


@pytest.mark.thorough
def test_registers_half_overwritten_by_a_kill_are_healed_by_the_enforcement(
    folder: DataFolder,
) -> None:
    publish(folder, "Final report", "2090-02-28", datetime(2020, 3, 1))
    half_overwritten_registers(folder)
    healed = run(folder, "retention", "--enforce", "--yes")
    assert healed.exit_code == 0, f"{healed.output}{healed.exception}"
    assert "damaged" not in healed.output
    assert query(folder, "SELECT title FROM registers.publications") == [("Final report",)]


def test_without_registers_no_command_says_that_nothing_is_due(folder: DataFolder) -> None:
    folder.database("registers").unlink()
    for command in (
        ("run",),
        ("retention",),
        ("retention", "--enforce"),
        ("retention", "--dry-run"),
    ):
        failed = run(folder, *command)
        assert failed.exit_code == 1
        assert "registers are missing" in str(failed.exception)
