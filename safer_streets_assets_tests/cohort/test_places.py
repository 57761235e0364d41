"""Places in the cohort: one spelling in every table, however it was written, and unknown ones."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.cohort.unknown_places import (
    UnknownPlaces,
    count_unknown_places,
    drops_of_unknown_places,
    sentence_of,
    unknown_places,
)
from safer_streets_assets.intake.failed_rows import FailedDrop
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import close_evaluation, now_utc
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    TRAINING,
    Row,
    build_cohort,
    crn,
    fetch,
    load_rows,
    rows_of,
)

CANARY = "Zephyrquillborough"
HAMLETS = [
    *(
        "Tower Hamlets",
        "Tower\u00a0Hamlets",
        "tower  hamlets ",
        "TOWER-HAMLETS",
        "L.B. Tower Hamlets",
    ),
    *("LB Tower Hamlets", "London Borough of Tower\u2011Hamlets", "\u200bTower\u200bHamlets\ufeff"),
    *(
        "\u201cTower Hamlets\u201d",
        "Tower\tHamlets",
        "Tower Hamlets (LB)",
        "The LB of Tower Hamlets",
    ),
    *("Tower Hamlets, London Borough of", "Tower\u3000Hamlets.", "\u3164Tower\u034f Hamlets"),
]
THAMES = [
    *("Thames Magistrates' Court", "Thames Magistrates\u2019 Court", "THAMES MAGS", "Thames MC"),
    *(
        "Thames\u00a0Magistrates Ct",
        "The Thames Magistrates Court",
        "thames magistrates\u00b4 court ",
    ),
]
ASKED = [{"Borough": text} for text in ("LB Lambeth", "lambeth ", "Tower\u00a0Hamlets", "Atlantis")]


def load(connection: duckdb.DuckDBPyConnection, source: str, *rows: Row, drop: int = 1) -> None:
    """Loads rows about a person each as a drop; none of them may be set aside."""
    numbered = [{**row, "CRN": crn(number)} for number, row in enumerate(rows, start=1)]
    assert load_rows(connection, source, rows_of(source, *numbered), drop=drop) == (len(rows), 0)


def test_eligibility_of_a_person_does_not_change_with_the_spelling_of_the_borough(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    opened = {"Disposal Date": "06/01/2020"}
    load(memory, NPS, *({**opened, "Borough": text} for text in HAMLETS))
    build_cohort(memory, folder, NPS, CRC)
    found = fetch(memory, "SELECT DISTINCT borough, derived FROM research.linked_cohort")
    assert found == [("Tower Hamlets", "eligible")]
    assert fetch(memory, "SELECT count(*) FROM research.linked_cohort") == [(len(HAMLETS),)]


def test_the_spellings_of_one_court_are_one_court(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load(memory, NPS, *({"Court": text} for text in THAMES))
    build_cohort(memory, folder, NPS, CRC)
    found = fetch(memory, "SELECT court, count(*) FROM research.linked_cohort GROUP BY court")
    assert found == [("Thames Magistrates' Court", len(THAMES))]


def test_a_place_that_nobody_knows_sets_no_row_aside_and_makes_nobody_eligible(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load(memory, NPS, *({**row, "Disposal Date": "06/01/2020"} for row in ASKED))
    build_cohort(memory, folder, NPS, CRC)
    found = fetch(
        memory,
        "SELECT crn_key, borough, derived FROM research.linked_cohort "
        "JOIN restricted.person_pseudonyms USING (person_id) ORDER BY crn_key",
    )
    assert found == [
        (crn(1), "Lambeth", "eligible"),
        (crn(2), "Lambeth", "eligible"),
        (crn(3), "Tower Hamlets", "eligible"),
        (crn(4), "Borough not known", "not eligible"),
    ]


def test_a_neighbour_of_london_is_known_and_not_eligible(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load(memory, NPS, {"Borough": "Thurrock"}, {"Borough": "Epping Forest District Council"})
    build_cohort(memory, folder, NPS, CRC)
    found = fetch(memory, "SELECT DISTINCT borough, derived FROM research.linked_cohort")
    assert found == [("Outside London", "not eligible")]
    assert count_unknown_places(memory, policy) == 0


@pytest.fixture
def unknown(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A store with places that nobody knows: in two drops of NPS and one of CRC."""
    load(memory, NPS, {"Borough": CANARY}, {}, {"Borough": CANARY, "Court": CANARY})
    load(memory, NPS, {}, {"Borough": f"{CANARY} East"}, drop=2)
    load(memory, CRC, {"Borough of residence": CANARY}, drop=3)
    build_cohort(memory, folder, NPS, CRC)
    return memory


def test_unknown_places_are_counted_with_the_word_that_stands_for_them(
    unknown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    # The first person's borough was corrected by the second drop.
    assert unknown_places(unknown, policy, NPS) == [
        UnknownPlaces("borough", 2, 2, "Borough not known"),
        UnknownPlaces("court", 1, 1, "Other court or not known"),
    ]
    assert unknown_places(unknown, policy, CRC) == [
        UnknownPlaces("borough", 1, 1, "Borough not known")
    ]
    assert unknown_places(unknown, policy, TRAINING) == []
    assert count_unknown_places(unknown, policy) == 4


def test_the_rows_with_unknown_places_are_named_once_each_with_their_drops(
    unknown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    assert drops_of_unknown_places(unknown, policy, NPS) == (
        FailedDrop(f"{NPS}-1", NPS, 1, (4,)),
        FailedDrop(f"{NPS}-2", NPS, 1, (3,)),
    )
    assert drops_of_unknown_places(unknown, policy, CRC) == (FailedDrop(f"{CRC}-3", CRC, 1, (2,)),)


def test_the_sentence_says_how_many_what_stands_for_them_and_what_to_do_and_no_text(
    unknown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    assert sentence_of(unknown_places(unknown, policy, NPS)) == (
        "borough: 2 spellings in 2 rows, printed as Borough not known; court: 1 spelling in 1 row, "
        "printed as Other court or not known. What to do: safer-streets words --out FILE; add each "
        "to its place in policy/places.yaml."
    )


def test_once_everything_personal_is_erased_no_place_is_unknown(
    unknown: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    close_evaluation(unknown, now_utc())
    assert count_unknown_places(unknown, policy) == 0
