"""Invented drops are known by their CRNs, wherever they were copied to, and real ones are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from safer_streets_assets.demo.calendar_months import months_from
from safer_streets_assets.demo.crns import FEWEST, marked
from safer_streets_assets.demo.people import invent_people
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.release.invented import rests_on_invented
from safer_streets_assets_tests.release.builders import POLICY

NPS = "nps_court_outcomes"


@pytest.fixture
def restricted() -> Iterator[duckdb.DuckDBPyConnection]:
    """A restricted store with the raw tables, as far as they matter here."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("ATTACH ':memory:' AS restricted")
        for name, source in POLICY.sources.items():
            if CRN_KEY in raw_columns(source):
                connection.execute(
                    f"CREATE TABLE restricted.{raw_table(name)} "
                    f"(drop_id VARCHAR, {CRN_KEY} VARCHAR)"
                )
        yield connection


def is_marked(crn: str) -> bool:
    """Whether a CRN is made like those of invented people, reckoned anew."""
    return (ord(crn[0]) * 1_000_000 + int(crn[1:])) % 97 == 0


def load(connection: duckdb.DuckDBPyConnection, crns: list[str | None], drop: str = "d") -> None:
    for crn in crns:
        connection.execute(f"INSERT INTO restricted.{raw_table(NPS)} VALUES (?, ?)", [drop, crn])


def invented(people: int) -> list[str]:
    months = months_from(date(2019, 11, 1), 3)
    everybody = invent_people(people=people, months=months, seed=3, non_ascii_months=frozenset())
    return [person.crn for person in everybody]


def real(count: int) -> list[str]:
    """CRNs as they come."""
    chance = random.Random(11)
    return [f"{chance.choice('ABCDEFGH')}{chance.randrange(10**6):06}" for _ in range(count)]


def test_every_invented_person_has_a_marked_crn_of_their_own() -> None:
    crns = invented(3000)
    assert len(set(crns)) == 3000
    assert all(is_marked(crn) for crn in crns)
    assert sum(map(is_marked, real(20_000))) < 300


def test_a_slip_of_one_digit_or_of_the_letter_takes_the_mark_away() -> None:
    crn = marked("B271828", ())
    for at in range(7):
        for other in "ABCXYZ" if at == 0 else "0123456789":
            changed = crn[:at] + other + crn[at + 1 :]
            assert is_marked(changed) is (changed == crn)


def test_no_marked_crn_is_given_twice() -> None:
    taken: list[str] = []
    for _ in range(50):
        taken.append(marked("A999999", taken))
    assert len(set(taken)) == 50
    assert all(is_marked(crn) for crn in taken)


def test_a_drop_of_invented_people_is_known_with_slips_and_strangers_in_it(
    restricted: duckdb.DuckDBPyConnection,
) -> None:
    load(restricted, [*invented(40), *real(5), "A12", None])
    assert rests_on_invented(restricted, POLICY)


def test_one_invented_drop_among_real_ones_is_enough(
    restricted: duckdb.DuckDBPyConnection,
) -> None:
    load(restricted, list(real(400)))
    assert not rests_on_invented(restricted, POLICY)
    load(restricted, list(invented(20)), drop="e")
    assert rests_on_invented(restricted, POLICY)


def test_few_marked_crns_are_chance(restricted: duckdb.DuckDBPyConnection) -> None:
    load(restricted, list(invented(FEWEST - 1)))
    assert not rests_on_invented(restricted, POLICY)
    load(restricted, [*invented(20), *real(40)], drop="mostly real")
    assert not rests_on_invented(restricted, POLICY)
