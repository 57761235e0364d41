"""What is erased is found wherever it is left; the product's own words are no finding."""

from __future__ import annotations

import sqlite3
import zipfile
from datetime import datetime

import pytest

from safer_streets_assets.demo.vocabulary import FEMALE_NAMES, MALE_NAMES, SURNAMES
from safer_streets_assets.retention.traces.fingerprints import (
    Searcher,
    ValueFound,
    comparable,
    fingerprints_of,
)
from safer_streets_assets.retention.traces.own_words import (
    OwnWords,
    is_own,
    product_words,
    written_by,
)
from safer_streets_assets.retention.traces.read_back import read_back
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.retention.builders import publish

KEY = "0" * 64
CRN, NAME, SURNAME, COMMENT = "K555001", "Hephzibah Wolstenholme", "White", "a kite over the canal"


@pytest.fixture
def searcher() -> Searcher:
    names = [comparable(NAME), comparable(SURNAME)]
    prints = fingerprints_of(KEY, [CRN], names, [comparable(COMMENT)])
    return Searcher(KEY, prints, shipped_policy().dpia.person_number)


@pytest.mark.thorough
def test_every_place_in_which_something_is_left_is_named_and_no_value_is(
    folder: DataFolder, searcher: Searcher
) -> None:
    (folder.releases / "r1" / "labels.csv").write_text("ethnicity,n\nWhite,30\n")
    assert read_back(folder, searcher).places == ()
    (folder.releases / "r1" / "funnel.csv").write_text(f"stage,n\n{NAME.lower()},30\n")
    (folder.root / f"{CRN}.txt").write_bytes(COMMENT.encode("utf-16"))
    publish(folder, f"Forms: {COMMENT}", "2020-02-29", datetime(2020, 3, 1))
    with open_stores(folder, write=["restricted"]) as connection:
        connection.execute(
            "UPDATE restricted.loaded_drops SET dropped_headers = ['asked by Mr White']"
        )
    with zipfile.ZipFile(folder.restricted / "kept.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("note.txt", f"about K 555-001 {'x' * 500}")
    (folder.dagster / "runs.db").unlink()
    with sqlite3.connect(folder.dagster / "runs.db") as history:
        history.execute("CREATE TABLE event_logs (event TEXT)")
        history.execute("INSERT INTO event_logs VALUES (?)", [f'{{"said": "{NAME}"}}'])
    found = read_back(folder, searcher).places
    assert set(found) >= {
        "the folder published",
        "the data folder itself",
        "the data folder itself, the name of a file",
        "the registers store, table publications, column title",
        "the restricted store, table loaded_drops, column dropped_headers",
        "the folder restricted",
        "the folder dagster, table event_logs, column event",
    }
    assert not [w for w in (CRN, "kite", "White", "Wolstenholme", "kept") if w in " ".join(found)]


@pytest.mark.parametrize(
    ("words", "text", "own"),
    [
        ("white", "White", True),
        ("white", "White,12\nAsian,30", True),
        ("white", '{"label": "White or other"}', True),
        ("white", "met Mr White", False),
        ("white", "Zebedee White", False),
        ("white", "White\nZebedee White", False),
        ("zebedee", "Zebedee", False),
        ("other asian", "White or other, Asian", False),
    ],
)
def test_a_name_is_the_products_own_where_it_stands_as_the_product_writes_it(
    words: str, text: str, own: bool
) -> None:
    assert OwnWords(["White or other", "Asian"]).account_for(words, text) is own


def test_a_crn_is_nobodys_word() -> None:
    assert not is_own(ValueFound("crn", "restricted"), "restricted")


def test_the_generators_names_are_none_of_the_products_words() -> None:
    names = {f"{name} {surname}" for name in MALE_NAMES + FEMALE_NAMES for surname in SURNAMES}
    assert not [name for name in names if product_words().hold(comparable(name))]


def test_what_only_comments_of_the_code_say_is_none_of_the_products_words() -> None:
    source = '"""After Penhaligon."""\n\nA = 1\n    # As Wolstenholme\n'
    source += 'B = """\n# Sessions\n"""\n\n\ndef c():\n    """Of Dagster."""\n'
    words = OwnWords([written_by(source)])
    assert not [word for word in ("penhaligon", "wolstenholme") if words.hold(word)]
    assert all(words.hold(word) for word in ("a 1", "sessions", "of dagster"))
    assert not [name for name in ("fenwick", "joneses", "taylor") if product_words().hold(name)]
