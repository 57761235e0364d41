"""How many true links the CRN rule misses: an estimate that links nothing and quotes nobody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from rich.console import Console

from safer_streets_assets.cohort import missed_links
from safer_streets_assets.cohort.missed_links import (
    INSTALL,
    LEAST_LINKED,
    MissedLinksError,
    chances_of_a_link,
    estimate_missed_links,
    with_floors,
)
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.console.reviews import print_missed_links
from safer_streets_assets.stores import STORE_NAMES, Keys
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    Row,
    crn,
    data_folder,
    load_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)

with_splink = pytest.mark.skipif(
    find_spec("splink") is None, reason=f"Splink is an optional extra: {INSTALL}"
)
PEOPLE = LEAST_LINKED + 10
CANARY = "Quickfoot"
ELSEWHERE, NOBODY, SLIP = "Z123456", "Z654321", "K900000"


def somebody(number: int) -> Row:
    """A person unlike the others in name, date of birth and day of sentence."""
    surname = "".join(
        chr(ord("a") + int(one, 16)) for one in sha256(bytes([number])).hexdigest()[:9]
    )
    return {
        "CRN": crn(number),
        "name": f"{surname}, {CANARY if number == 1 else 'Jo'}",
        "born": f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1970 + number % 30}",
        "sentenced": f"{number % 27 + 1:02}/{number % 9 + 1:02}/2020",
    }


def as_nps(person: Row) -> Row:
    """The person's row by NPS."""
    return {
        "CRN": person["CRN"],
        "Offender Name": person["name"],
        "Date of Birth": person["born"],
        "Disposal Date": person["sentenced"],
    }


def as_crc(person: Row, sent: str | None = None) -> Row:
    """The person's row by CRC, perhaps under another CRN."""
    return {
        "CRN": sent or person["CRN"],
        "Name": person["name"],
        "DOB": person["born"],
        "Sentence date": person["sentenced"],
        "Start date": None,
        "Outcome": None,
        "Sessions attended": None,
    }


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """People whose cases link, but for the first, whose CRN is another one, and the second, whose
    name has a slip as well; and a case of nobody."""
    policy = shipped_policy()
    folder = data_folder(tmp_path_factory.mktemp("missed") / "data")
    people = [somebody(number) for number in range(1, PEOPLE + 1)]
    nobody = {"name": "MONTROSE, Al", "born": "29/02/1996", "sentenced": "28/10/2020"}
    second = {**people[1], "name": people[1]["name"].replace(",", "x,")}
    cases = [
        as_crc(people[0], ELSEWHERE),
        as_crc(second, SLIP),
        as_crc({"CRN": NOBODY, **nobody}),
        *map(as_crc, people[2:]),
    ]
    with stores_in_memory() as connection:
        load_rows(connection, NPS, rows_of(NPS, *map(as_nps, people)))
        load_rows(connection, CRC, rows_of(CRC, *cases))
        Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
        make_pseudonyms(connection, folder, policy)
        find_near_misses(connection, folder, policy)
        yield connection


def tables_of_stores(connection: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """The tables of each store."""
    return [tables_in(connection, store) for store in STORE_NAMES]


@with_splink
@pytest.mark.thorough
def test_the_estimate_counts_those_whose_crn_is_wrong_and_not_those_who_are_nobody(
    stores: duckdb.DuckDBPyConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tables_of_stores(stores)
    found = estimate_missed_links(stores, shipped_policy())
    assert (found.linked, found.unlinked) == (PEOPLE - 2, 3)
    assert found.expected == pytest.approx(2, abs=0.1)
    assert found.sure == 2
    assert found.same_name_and_certain == 1
    assert tables_of_stores(stores) == before
    said = "".join(capfd.readouterr())
    assert not [word for word in (CANARY, ELSEWHERE, NOBODY, SLIP) if word in said]


def test_what_fails_in_splink_is_told_without_what_it_says(
    stores: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(connection: duckdb.DuckDBPyConnection, *_: object) -> pd.DataFrame:
        raise duckdb.ConversionException(f"Could not convert {CANARY} of {ELSEWHERE}")

    monkeypatch.setattr(missed_links, "find_spec", lambda name: name)
    monkeypatch.setattr(missed_links, "_likelihood_ratios", failing)
    with caplog.at_level(logging.DEBUG), pytest.raises(MissedLinksError) as caught:
        estimate_missed_links(stores, shipped_policy())
    said = f"{caught.value}{caught.value.__cause__}{caplog.text}"
    assert "ConversionException" in said
    assert not [word for word in (CANARY, ELSEWHERE) if word in said]
    assert caught.value.__suppress_context__


def test_without_splink_the_command_says_how_it_is_installed_and_opens_no_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(missed_links, "find_spec", lambda name: None)
    with pytest.raises(MissedLinksError) as caught:
        print_missed_links(Console(), tmp_path)
    assert str(caught.value) == (
        "Splink is not installed, which this estimate needs and nothing else does: install it with "
        ".venv/bin/python -m pip install -e '.[linkage]'"
    )
    assert list(tmp_path.iterdir()) == []


def test_too_few_links_to_learn_from_are_told(
    memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = data_folder(tmp_path / "data")
    load_rows(memory, NPS, rows_of(NPS, as_nps(somebody(1))))
    load_rows(memory, CRC, rows_of(CRC, as_crc(somebody(1))))
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    make_pseudonyms(memory, folder, shipped_policy())
    monkeypatch.setattr(missed_links, "find_spec", lambda name: name)
    with pytest.raises(MissedLinksError, match="Fewer than 50 cases link by CRN"):
        estimate_missed_links(memory, shipped_policy())


def ratios(*pairs: tuple[int, str, float]) -> pd.DataFrame:
    """Ratios of likelihoods of some pairs."""
    return pd.DataFrame(pairs, columns=["case_id", "person", "ratio"])


def test_clear_pairs_are_counted_whole_and_unlike_ones_not_at_all() -> None:
    clear = ratios((1, "a", 1e12), (2, "b", 1e12), (3, "a", 1e-9))
    chances = chances_of_a_link(clear, cases=10, people=1000)
    assert chances.sum() == pytest.approx(2, abs=1e-3)


def test_rows_of_one_person_are_one_person() -> None:
    once, twice = ratios((1, "a", 900.0)), ratios((1, "a", 900.0), (1, "a", 800.0))
    both = [chances_of_a_link(one, cases=4, people=1000).sum() for one in (once, twice)]
    assert both[0] == both[1]


def test_the_share_of_missed_links_is_that_of_greatest_likelihood() -> None:
    """By a search of all shares: the likelihood of a case is 1 - share + share x evidence."""
    evidence = [30.0, 2.0, 0.5, 0.0]
    pairs = ratios(*((case, "a", 10 * one) for case, one in enumerate(evidence)))
    found = chances_of_a_link(pairs, cases=4, people=10).sum() / 4
    shares = [step / 10000 for step in range(1, 10000)]

    def likelihood(share: float) -> float:
        product = 1.0
        for one in evidence:
            product *= 1 - share + share * one
        return product

    assert found == pytest.approx(max(shares, key=likelihood), abs=1e-3)


@pytest.mark.parametrize("cases", [0, 5])
def test_without_a_pair_nothing_is_missed(cases: int) -> None:
    assert chances_of_a_link(ratios(), cases, people=3).sum() == 0


def test_nothing_that_was_never_seen_is_impossible() -> None:
    levels = [
        {"is_null_level": True},
        {"m_probability": 0.9, "u_probability": "level not observed in training dataset"},
        {"m_probability": None, "u_probability": 0.0},
    ]
    made = with_floors({"comparisons": [{"comparison_levels": levels}]})
    assert made["probability_two_random_records_match"] == 0.5
    null, seen, unseen = made["comparisons"][0]["comparison_levels"]
    assert null == {"is_null_level": True}
    assert seen == {"m_probability": 0.9, "u_probability": 0.001}
    assert unseen == {"m_probability": 0.001, "u_probability": 0.001}
