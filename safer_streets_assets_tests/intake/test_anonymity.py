"""Anonymous stays anonymous, however a name is written and whichever comes first."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.intake.judged_again import uncertain_texts
from safer_streets_assets.intake.naming import people_held, words_of_policy
from safer_streets_assets.intake.people_held import NamesFound, PeopleHeld
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    NPS,
    TRAINING,
    crn,
    csv_drop,
    every_text,
    fetch,
    people_rows,
    put,
    rows_of,
    set_aside,
    take_in_everything,
    workbook_drop,
)

HELD = (
    "ZEPHYRQUILL, Darnell Wayne", "Smythe-Quarle, Anne-Marie", "Siân O\u2019Hallorane", 
    "van den Quist, Jo",
    "Lambeth, Ozymandias", "YOUNG, Peregrine", "Ng, Thaddeus", "Xanthippe QUORN",
    "WA\u0141\u0118SA, Piotr", "S\u00d8RENSEN, Nils", "Basil Thornwick MBE", "Oswin Tarrantly Jr.",
    "Ulric Pemberlane (aka Razor)", "Egbert Mossgrove - on licence", "Godric Fennimore A100001",
    "WINTERBOURNE ALARIC", "M\u00dcLLERSCH\u00d6N, Uwe", "MCQUILLSTON, Ewan",
    "OBRANNIGAN, Sile", "ALHAZRID, Omar", "NEEDE, Bo",
)  # fmt: skip
SURELY = (
    "Mr Zephyrquill was great", "darnell zephyrquill", "D. ZEPHYRQUILL", "Zephyrquill's talk",
    "Smythe Quarle", "SmytheQuarle came", "Smythe\u2011Quarle", "Anne Smythe spoke",
    "OHallorane", "O Hallorane", "o'hallorane", "Sian Hallorane",
    "Vandenquist", "Van-den-Quist", "van den quist",
    "Ozymandias from Lambeth", "Peregrine Young", "Thaddeus Ng", "Quorn was late",
    "Piotr Walesa", "Nils Sorensen", "Zephyr\u00adquill", "Zephyr\u200bquill", "Thornwick came",
    "Tarrantly", "Pemberlane was late", "Mr Mossgrove", "Fennimore", "Mc Quillston came",
    "Ewan Mc-Quillston", "the McQuillstons", "McQuillston's brother", "McQuillston\u2019s",
    "O Brannigan", "Al Hazrid spoke", "the Zephyrquills", "Zephyrquills' mother", "Zephyr-\nquill",
    "Darnell zephyr quill", "Bo needes", "Muellerschoen", "M\u00fcllersch\u00f6n", "Mullerschon",
    "Zephyr.quill", "zephyr_quill", "Zephyr/quill", "z.zephyrquill@example.org",
)  # fmt: skip
PERHAPS = (
    "Winterbourne was late",
    "Young people were keen",
    "the Lambeth session",
    "Ng",
    "Ms Smythe",
    "more on quarle",
    "zephyr quill",
    "the Needes",
    "the Youngs",
)
NOBODY = (
    "Darnell was great", "Role play", "Wayne", "a quis t", "Anne and Marie", "vanden", 
    "Ozymandias", "session 6", "need e",
)  # fmt: skip


@pytest.fixture
def people(policy: Policy) -> PeopleHeld:
    """The people of `HELD`."""
    return PeopleHeld(HELD, words_of_policy(policy))


@pytest.mark.parametrize("text", SURELY)
def test_a_name_is_found_however_it_is_written(people: PeopleHeld, text: str) -> None:
    found = people.found_in(text)
    assert found.surely or found.alone


@pytest.mark.parametrize("text", PERHAPS)
def test_part_of_a_name_or_a_common_word_is_in_doubt(people: PeopleHeld, text: str) -> None:
    found = people.found_in(text)
    assert found.perhaps
    assert found == replace(found, surely=False, alone=frozenset())


@pytest.mark.parametrize("text", NOBODY)
def test_a_forename_or_a_likeness_names_nobody(people: PeopleHeld, text: str) -> None:
    found = people.found_in(text)
    assert found == NamesFound(False, frozenset(), frozenset())


@pytest.mark.thorough
def test_the_first_look_in_the_store_leaves_out_nobody(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, quick_reader: object
) -> None:
    rows = [
        {**row, "Offender Name": name}
        for row, name in zip(people_rows(NPS, len(HELD)), HELD, strict=True)
    ]
    put(folder, NPS, "held.csv", csv_drop(rows))
    take_in_everything(memory, folder)
    for text in SURELY:
        found = people_held(memory, policy, [text]).found_in(text)
        assert found.surely or found.alone, text


def _forms(*texts: str, plain: int = 30) -> bytes:
    said = [*texts, *["Role play"] * plain]
    rows = rows_of(TRAINING, *({"Form": str(n), "Most useful": t} for n, t in enumerate(said, 1)))
    return workbook_drop("Feedback", rows)


def _held() -> bytes:
    return csv_drop(people_rows(NPS, 1, **{"Offender Name": "ZEPHYRQUILL, Darnell"}))


@pytest.mark.parametrize("names_first", [True, False])
@pytest.mark.thorough
def test_a_form_that_names_somebody_is_set_aside_whichever_comes_first(
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    quick_reader: object,
    names_first: bool,
) -> None:
    drops = [(NPS, "n.csv", _held()), (TRAINING, "f.xlsx", _forms("Mr Zephyrquill was great"))]
    for drop in drops if names_first else drops[::-1]:
        put(folder, *drop)
        take_in_everything(memory, folder)
    assert set_aside(memory) == {2: ["R-NOT-ANONYMOUS"]}
    assert fetch(memory, f"SELECT count(*) FROM restricted.{TRAINING}_raw") == [(30,)]
    counted = (
        "SELECT rows_read, rows_loaded, rows_set_aside, counts.reason, row_count "
        "FROM registers.drops JOIN registers.set_aside_counts AS counts USING (drop_id)"
    )
    assert fetch(memory, counted) == [(31, 30, 1, "R-NOT-ANONYMOUS", 1)]
    before = fetch(memory, "SELECT * FROM registers.drops ORDER BY ALL")
    take_in_everything(memory, folder)
    assert fetch(memory, "SELECT * FROM registers.drops ORDER BY ALL") == before
    assert not [text for text in every_text(memory, "registers") if "zephyr" in text.lower()]


def test_a_run_that_was_killed_between_the_stores_is_put_right_by_the_next(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, quick_reader: object
) -> None:
    put(folder, TRAINING, "f.xlsx", _forms("Mr Zephyrquill was great"))
    put(folder, NPS, "n.csv", _held())
    take_in_everything(memory, folder)
    right = fetch(memory, "SELECT * FROM registers.drops ORDER BY ALL")
    counts = fetch(memory, "SELECT * FROM registers.set_aside_counts")
    memory.execute(
        f"UPDATE registers.drops SET rows_loaded = 31, rows_set_aside = 0 "
        f"WHERE source = '{TRAINING}'"
    )
    memory.execute("DELETE FROM registers.set_aside_counts")
    take_in_everything(memory, folder)
    assert fetch(memory, "SELECT * FROM registers.drops ORDER BY ALL") == right
    assert fetch(memory, "SELECT * FROM registers.set_aside_counts") == counts != []


def test_what_is_in_doubt_is_loaded_counted_and_listed(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, quick_reader: object
) -> None:
    people = people_rows(NPS, 1, **{"Offender Name": "YOUNG, Peregrine"})
    people += people_rows(NPS, 1, first=2, **{"Offender Name": "Quorn, Xanthippe"})
    put(folder, NPS, "n.csv", csv_drop(people))
    texts = ["Young people were keen", *["More of Quorn"] * 12]
    put(folder, TRAINING, "f.xlsx", _forms(*texts, plain=20))
    assert take_in_everything(memory, folder)[TRAINING].rows_set_aside == 0
    listed = uncertain_texts(memory, policy)
    assert sorted((one.text, one.rows) for one in listed) == [(texts[1], 12), (texts[0], 1)]
    assert "Quorn" not in repr(listed)
    counted = fetch(memory, "SELECT source, field, rows FROM registers.uncertain_texts")
    assert counted == [(TRAINING, "most_useful", 13)]
    assert crn(1) not in repr(counted)
