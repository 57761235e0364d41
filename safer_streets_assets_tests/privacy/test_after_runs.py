"""After whole runs over drops full of canaries, nobody is named where nobody may be named."""

from __future__ import annotations

import pytest

from safer_streets_assets.stores import open_stores
from safer_streets_assets_tests.e2e.runs import WholeRun
from safer_streets_assets_tests.privacy.planting import BEHIND_A_PASSWORD, PEOPLE, PLACES
from safer_streets_assets_tests.privacy.traces import (
    STEM,
    canaries_of,
    canary_crn,
    database_texts,
    found_in,
    layers,
    traces,
    word,
)

CRNS = {canary_crn(number).lower() for number in range(PEOPLE)}
KEPT_IN_THE_RESTRICTED_STORE = {
    "person", "manager", "comment", "answer", "useful", "summary", "unlocked", "filename",
    "crn", "missing", "date", "order", "code", "ragged", "number", "range", "anonymous",
    "age", "future", "misplaced", "contact", "twice", "borough", "court", "sentence",
}  # fmt: skip
WORDS_OF_FREE_TEXT = {"comment", "answer", "useful", "summary"}
"""What people wrote and names nobody who is held: it is in the redacted copy."""


@pytest.fixture(params=["first", pytest.param("second", marks=pytest.mark.thorough)])
def run(request: pytest.FixtureRequest) -> WholeRun:
    """Each of the whole runs."""
    found: WholeRun = request.getfixturevalue(request.param)
    return found


def test_the_search_finds_every_canary_in_the_landing_before_the_run(first: WholeRun) -> None:
    assert canaries_of(first.planted) >= PLACES | CRNS


def test_no_canary_stands_anywhere_after_a_run(run: WholeRun) -> None:
    data = [
        run.folder.dagster,
        run.folder.registers,
        run.folder.published,
        run.folder.keys,
        run.folder.restricted,
        run.folder.research,
    ]
    assert (run.folder.dagster / "history" / "runs.db").is_file()
    assert (run.folder.published / "index.html").is_file()
    assert all((path / "report.html").is_file() for path in run.folder.releases.iterdir())
    assert traces(*data) == {}


def test_the_search_reads_the_pictures_of_the_release_in_dagsters_history(run: WholeRun) -> None:
    title = b">People at each stage of the programme</title>"
    history = [path for path in run.folder.dagster.rglob("*.db") if path.is_file()]
    assert any(title in layer for path in history for layer in layers(path.read_bytes(), path))


def test_no_canary_is_shown(run: WholeRun) -> None:
    shown = run.finished.out + run.finished.err
    assert "Rows set aside" in shown
    assert found_in(shown.encode()) == set()
    assert traces(run.around.root) == {}


def test_nothing_is_written_outside_the_data_folder(run: WholeRun) -> None:
    assert [path for folder in run.around.folders for path in folder.rglob("*")] == []


def test_no_drop_is_left_in_the_landing(run: WholeRun) -> None:
    files = [path for path in run.folder.landing.rglob("*") if not path.is_dir()]
    assert all(path.is_symlink() for path in files)


def test_the_restricted_store_holds_the_canaries_and_the_research_store_no_identifier(
    run: WholeRun,
) -> None:
    found = {}
    with open_stores(run.folder, read=["restricted", "research"]) as connection:
        for store in ("restricted", "research"):
            texts = database_texts(connection, store)
            found[store] = set().union(*map(found_in, texts))
    # The positive control: the same search, in the store where they belong.
    assert found["restricted"] >= (KEPT_IN_THE_RESTRICTED_STORE - {"ragged", "filename"}) | CRNS
    assert not found["restricted"] & {"outside", "cell", "title", "author", "label", "police"}
    assert found["research"] == WORDS_OF_FREE_TEXT


def test_whoever_is_named_in_a_free_text_is_masked_in_the_copy(run: WholeRun) -> None:
    with open_stores(run.folder, read=["research"]) as connection:
        rows = connection.execute(
            "SELECT text, names, crns, e_mails FROM research.redacted_texts "
            f"WHERE text LIKE '%{STEM}%'"
        ).fetchall()
    assert {row for row in rows if "asked" in row[0]} == {
        (f"{word('comment')} asked [NAME] after [NAME], [CRN], [E-MAIL] and it went well", 2, 1, 1)
    }
    assert (f"{word('answer')}: thanks to [NAME]", 1, 0, 0) in rows


def test_a_drop_behind_a_known_password_was_read(first: WholeRun) -> None:
    assert "unlocked" in BEHIND_A_PASSWORD
    with open_stores(first.folder, read=["restricted"]) as connection:
        texts = set().union(*map(found_in, database_texts(connection, "restricted")))
    assert "unlocked" in texts
    assert "locked" not in texts
