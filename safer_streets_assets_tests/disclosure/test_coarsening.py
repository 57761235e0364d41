"""The level a table is printed at: chosen once, on evidence, kept, and safe over levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.disclosure.aggregate import aggregate, define_lists
from safer_streets_assets.disclosure.coarsening import (
    Choice,
    Chosen,
    protect_at_levels,
    record_levels,
    recorded_levels,
    small_share,
)
from safer_streets_assets.disclosure.core import PublishedRelease, attack, prove
from safer_streets_assets.disclosure.core_tables import RecordedLevels
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.kept_secrets import ensure_secrets, keep_secrets
from safer_streets_assets.disclosure.levels import at_levels, load_all, make_all
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.stored_tables import load_protection, store_protection
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.release.against_aggregates import refuse_changed
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.notes import notes_for
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets_tests.builders import open_gates

SHIPPED = load_policy()
TABLES = ("funnel", "funnel_by_borough", "one_to_one", "time_to_start")
STAGES = SHIPPED.dpia.cohort.stages
People = list[dict[str, object]]

FEW = dict.fromkeys(("Enfield", "Barnet", "Haringey", "Brent", "Ealing", "Hounslow"), 3)
MANY = {"Enfield": 60, "Haringey": 70, "Brent": 90, "Ealing": 55, "Camden": 75, "Crawley": 50}


def shipped(**level: str) -> Policy:
    """The shipped policy with some of its tables; `level` fixes that of funnel_by_borough."""
    tables = {name: SHIPPED.tables.tables[name] for name in TABLES}
    if level:
        spec = tables["funnel_by_borough"]
        tables["funnel_by_borough"] = spec.model_copy(update={"level": dict(level)})
    return replace(
        SHIPPED, tables=SHIPPED.tables.model_copy(update={"tables": tables, "links": []})
    )


def people_of(boroughs: Mapping[str, int]) -> People:
    """People who were all assigned one-to-one and started, so many days after the disposal."""
    return [
        {
            "borough": borough,
            "stage_number": len(STAGES) - (k % 3 == 0),
            "delivery": "One-to-one",
            "reason_one_to_one": "ABC"[k % 3],
            "days_to_start": 7 + k * k % 41,
        }
        for borough, n in boroughs.items()
        for k in range(n)
    ]


def counted(folder: DataFolder, policy: Policy, people: People) -> dict[str, pd.DataFrame]:
    """Every aggregate of those people, made in a research store."""
    others = ["month", "gender", "age_band", "offence", "court", "sentence"]
    others += ["derived", "crc_decision", "outcome"]
    cohort = pd.DataFrame(people).assign(**dict.fromkeys(others, "x"), person_id=range(len(people)))
    with open_stores(folder, write=["research"]) as connection:
        connection.register("cohort", cohort)
        connection.execute("CREATE OR REPLACE TABLE research.linked_cohort AS FROM cohort")
        open_gates(connection)
        define_lists(connection, policy)
        make_all(connection, policy)
        return load_all(connection, policy)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path, tmp_path / "keys").prepare()


@pytest.fixture
def registers(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        yield connection


def choose(
    folder: DataFolder,
    boroughs: Mapping[str, int],
    recorded: RecordedLevels | None = None,
    previous: Sequence[PublishedRelease] = (),
    policy: Policy | None = None,
) -> Chosen:
    policy = policy or shipped()
    aggregates = counted(folder, policy, people_of(boroughs))
    return protect_at_levels(
        policy,
        recorded or {},
        lambda levels: at_levels(aggregates, levels),
        lambda there, frames: protect_tables(there, frames, previous),
    )


def places(made: ProtectedTables, name: str = "funnel_by_borough") -> set[str]:
    return set(made.tables[name]["borough"]) - {"Total"}


AREAS = set(SHIPPED.tables.hierarchies["borough"].levels[0].values or [])


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, Chosen]:
    """What is chosen when few people live in every borough, and protected so, in its store."""
    place = tmp_path_factory.mktemp("few")
    folder = DataFolder(place, place / "keys").prepare()
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
    chosen = choose(folder, FEW)
    made, structure = chosen.protected, structure_of(chosen.protected, chosen.levels)
    with open_stores(folder, write=["research"]) as connection:
        store_protection(connection, made.tables, made.summary, structure, 1, chosen.choices)
    return folder, chosen


def test_a_table_that_would_be_mostly_hidden_is_printed_by_area(
    few: tuple[DataFolder, Chosen],
) -> None:
    _, chosen = few
    assert places(chosen.protected) == AREAS
    found = {c.table_name: c for c in chosen.choices}["funnel_by_borough"]
    assert (found.dimension, found.level) == ("borough", "area")
    assert found.hidden_before > SHIPPED.tables.coarsening.mostly_hidden
    assert found.hidden_before > found.hidden_after
    assert not chosen.protected.core.withheld


def test_what_the_rule_alone_hides_too_much_of_moves_before_anything_is_protected(
    folder: DataFolder,
) -> None:
    policy, protected = shipped(), []
    aggregates = counted(folder, policy, people_of(FEW))

    def protect(there: Policy, frames: Mapping[str, pd.DataFrame]) -> ProtectedTables:
        protected.append(set(frames["funnel_by_borough"]["borough"]))
        return protect_tables(there, frames)

    chosen = protect_at_levels(policy, {}, lambda levels: at_levels(aggregates, levels), protect)
    assert protected == [AREAS | {"Total"}]
    found = {c.table_name: c for c in chosen.choices}["funnel_by_borough"]
    assert found.hidden_before > SHIPPED.tables.coarsening.mostly_hidden


def test_where_counts_are_rounded_the_rule_hides_none(folder: DataFolder) -> None:
    policy = shipped()
    frame = counted(folder, policy, people_of(FEW))["funnel_by_borough"]
    assert small_share(policy, "funnel_by_borough", frame) > 0.5
    thresholds = policy.dpia.thresholds.model_copy(
        update={"method": "rounding", "rounding_base": 5}
    )
    rounded = replace(policy, dpia=policy.dpia.model_copy(update={"thresholds": thresholds}))
    assert small_share(rounded, "funnel_by_borough", frame) == 0.0


def test_a_table_that_can_be_printed_stays_as_it_is(folder: DataFolder) -> None:
    chosen = choose(folder, MANY)
    assert places(chosen.protected) == set(MANY)
    found = {c.table_name: c for c in chosen.choices}["funnel_by_borough"]
    assert (found.level, found.hidden_before) == ("borough", found.hidden_after)


def test_the_same_counts_choose_the_same_whatever_their_order(
    folder: DataFolder, few: tuple[DataFolder, Chosen]
) -> None:
    _, first = few
    second = choose(folder, dict(reversed(FEW.items())))
    assert first.levels == second.levels
    assert first.choices == second.choices


@pytest.mark.parametrize(("boroughs", "level"), [(FEW, "borough"), (MANY, "area")])
def test_what_is_on_the_register_is_kept_whatever_the_counts(
    folder: DataFolder, boroughs: dict[str, int], level: str
) -> None:
    recorded = {name: {"borough": level} for name in TABLES[1:]}
    chosen = choose(folder, boroughs, recorded)
    assert chosen.levels == recorded
    assert chosen.choices == ()


def test_the_policy_goes_before_the_register(folder: DataFolder) -> None:
    recorded = {"funnel_by_borough": {"borough": "area"}}
    chosen = choose(folder, FEW, recorded, policy=shipped(borough="borough"))
    assert places(chosen.protected) == set(FEW)


def test_the_level_of_a_table_that_hides_all_it_has_is_kept(folder: DataFolder) -> None:
    chosen = choose(folder, {"Enfield": 2, "Brent": 1})
    assert {choice.hidden_after for choice in chosen.choices} == {1.0}


def test_the_median_of_an_area_is_that_of_its_people(folder: DataFolder) -> None:
    policy, people = shipped(), people_of(MANY)
    there = policy.at_levels({"time_to_start": {"borough": "area"}})
    counted(folder, policy, people)
    with open_stores(folder, read=["research"]) as connection:
        define_lists(connection, there)
        frame = aggregate(connection, there, "time_to_start").set_index("borough")
    areas = {"West London": ("Brent", "Ealing"), "North London": ("Enfield", "Haringey")}
    for area, own in areas.items():
        days = [p["days_to_start"] for p in people if p["borough"] in own]
        assert frame.loc[area, "n"] == len(days)
        assert frame.loc[area, "median_days"] == median(days)
    assert frame.loc["Outside London or not known", "n"] == MANY["Crawley"]


@pytest.mark.thorough
def test_one_person_more_does_not_follow_from_a_borough_and_an_area_release(
    folder: DataFolder,
) -> None:
    fine = choose(folder, MANY, {n: {"borough": "borough"} for n in TABLES[1:]})
    first = _release("r1", fine)
    more = {**MANY, "Enfield": MANY["Enfield"] + 1}
    recorded = {name: {"borough": "area"} for name in TABLES[1:]}
    alone = choose(folder, more, recorded)
    together = choose(folder, more, recorded, [first])
    assert _small_changes([first, _release("r2", alone)])
    both = [first, _release("r2", together)]
    assert not _small_changes(both)
    assert set(prove(both, threshold=5).values()) <= {"proven"}


def _release(name: str, chosen: Chosen) -> PublishedRelease:
    made = chosen.protected
    tables = {n: frame.astype("string") for n, frame in made.tables.items()}
    tables = {n: frame.fillna("") for n, frame in tables.items()}
    return as_published(name, structure_of(made, chosen.levels), tables)


def _small_changes(releases: Sequence[PublishedRelease]) -> list[str]:
    return [
        bounds.coords.get("borough", "Total")
        for bounds in attack(releases, threshold=5, exact=False)
        if not bounds.safe
    ]


def test_a_choice_is_on_the_register_only_with_its_release(
    registers: duckdb.DuckDBPyConnection,
) -> None:
    choice = Choice("one_to_one", "borough", "area", 0.9, 0.4)
    registers.begin()
    record_levels(registers, [choice], 1, now_utc())
    registers.rollback()
    assert recorded_levels(registers) == {}
    record_levels(registers, [choice], 1, now_utc())
    record_levels(registers, [replace(choice, level="borough")], 2, now_utc())
    assert recorded_levels(registers) == {"one_to_one": {"borough": "area"}}


def test_tables_at_another_level_than_was_chosen_are_not_published(
    few: tuple[DataFolder, Chosen],
) -> None:
    (folder, chosen), policy = few, shipped()
    with open_stores(folder, write=["restricted"]) as connection:
        ensure_secrets(connection)
        keep_secrets(connection, 1, chosen.protected)
    with open_stores(folder, read=["research", "registers", "restricted"]) as connection:
        stored = load_protection(connection, policy)
        assert stored.levels == chosen.levels
        assert stored.choices == chosen.choices
        refuse_changed(policy, folder, connection, stored)
    kept = Choice("funnel_by_borough", "borough", "borough", 0.1, 0.1)
    with open_stores(folder, write=["registers"]) as connection:
        record_levels(connection, [kept], 1, now_utc())
    with open_stores(folder, read=["research", "registers", "restricted"]) as connection:
        said = "funnel_by_borough does not stand at the"
        with pytest.raises(UnsafeReleaseError, match=said):
            refuse_changed(policy, folder, connection, stored)


def test_the_notes_say_what_stands_in_place_of_what(few: tuple[DataFolder, Chosen]) -> None:
    folder, chosen = few
    with open_stores(folder, read=["research"]) as connection:
        stored = load_protection(connection, shipped())
    notes = notes_for(chosen.policy, stored)
    assert notes["funnel_by_borough"].startswith("Printed by area of London in place of borough:")
    assert "funnel" not in notes
