"""A policy that rounds: its releases print multiples that are proven, and no other figures."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from pydantic import ValidationError

from safer_streets_assets.disclosure.check_witnesses import check_folder
from safer_streets_assets.disclosure.core import attack
from safer_streets_assets.disclosure.earlier import as_published, earlier_releases, structure_of
from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.dpia import Thresholds
from safer_streets_assets.release.attacking import attack_published
from safer_streets_assets.release.notes import notes_for
from safer_streets_assets_tests.generated_years import generated_year
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.mutations import (
    TABLES,
    Step,
    release_step,
    says_too_much,
)
from safer_streets_assets_tests.releases_in_a_row import Made, publish_in_a_row

BASE = 5


def rounding_policy() -> Policy:
    said = POLICY.dpia.thresholds.model_dump() | {"method": "rounding", "rounding_base": BASE}
    thresholds = Thresholds.model_validate(said)
    return replace(POLICY, dpia=POLICY.dpia.model_copy(update={"thresholds": thresholds}))


ROUNDING = rounding_policy()


@pytest.fixture(scope="module")
def step(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Step]:
    """A rounded release is published and a second is about to be, of three people more."""
    root = tmp_path_factory.mktemp("rounded")
    with release_step(root, 150, 153, policy=ROUNDING) as made:
        yield made


def refused(step: Step, stored: StoredProtection) -> bool:
    message = step.refusal(stored, ROUNDING)
    assert message is None or not says_too_much(message)
    return message is not None


@pytest.mark.thorough
def test_every_count_is_printed_as_a_multiple_near_it(step: Step) -> None:
    for name in TABLES:
        printed, counted = step.stored.tables[name]["n"], step.aggregates[name]["n"]
        assert printed.notna().all()
        assert (printed % BASE == 0).all()
        assert ((printed - counted).abs() < BASE).all()
        assert step.stored.tables[name]["n_marker"].isna().all()
    assert (step.stored.summary["verdict"] == PROVEN).all()
    assert (step.stored.summary["suppressed_primary"] == 0).all()
    assert step.stored.structure["rounding"] == {"base": BASE, "steps": 1}


def test_every_table_says_that_it_is_rounded(step: Step) -> None:
    notes = notes_for(ROUNDING, step.stored)
    assert set(notes) == set(TABLES)
    assert all("multiple of 5" in note for note in notes.values())


def test_the_release_step_lets_a_rounded_release_through(step: Step) -> None:
    assert step.refusal(step.stored, ROUNDING) is None


def test_an_outsider_told_the_rule_finds_nothing_in_all_rounded_releases(step: Step) -> None:
    thresholds = ROUNDING.dpia.thresholds
    report = attack_published(
        step.folder.published, threshold=thresholds.minimum_count, time_limit=60
    )
    assert len(report.releases) == 1
    assert report.unproven == []
    assert all(table.hidden == 0 for table in report.tables)


def test_every_small_count_of_the_rounded_releases_has_a_witness(step: Step) -> None:
    found = check_folder(step.folder)
    assert [number > 0 for _, number in found] == [True]


def test_a_figure_of_a_count_that_moved_little_is_kept(step: Step) -> None:
    before = earlier_releases(step.folder, step.connection)[0]
    now = as_published("now", step.stored.structure, step.stored.tables)
    first, second = (
        pd.concat([t.cells["n"] for t in release.tables], ignore_index=True)
        for release in (before, now)
    )
    assert (first == second).mean() > 0.95


@pytest.mark.parametrize("by", [1, -1, BASE, -BASE, 4 * BASE])
def test_a_mutated_rounded_figure_is_refused(step: Step, by: int) -> None:
    chance = random.Random(by)
    for _ in range(8):
        name = chance.choice(TABLES)
        frame = step.stored.tables[name].copy()
        row = chance.randrange(len(frame))
        if frame.loc[row, "n"] + by < 0:
            continue
        frame.loc[row, "n"] += by
        assert refused(step, step.with_tables({name: frame}))


def test_the_true_counts_are_refused(step: Step) -> None:
    tables = {}
    for name in TABLES:
        tables[name] = step.stored.tables[name].copy()
        tables[name]["n"] = step.aggregates[name]["n"]
        assert refused(step, step.with_tables(tables))


def test_a_structure_that_says_less_than_is_known_is_refused(step: Step) -> None:
    for harm in ("rounding", "present"):
        structure = copy.deepcopy(step.stored.structure)
        structure.pop(harm)
        assert refused(step, replace(step.stored, structure=structure))
    structure = copy.deepcopy(step.stored.structure)
    structure["rounding"]["steps"] = 3
    assert refused(step, replace(step.stored, structure=structure))


def test_a_statistic_of_true_counts_is_refused_beside_rounded_ones(step: Step) -> None:
    frame = step.stored.tables["time_to_start"].copy()
    assert frame["median_days"].isna().all()
    assert (frame["median_days_marker"] == "[c]").all()
    frame["median_days"] = pd.array([30.0] * len(frame), dtype="Float64")
    frame["median_days_marker"] = pd.array([pd.NA] * len(frame), dtype="string")
    assert refused(step, step.with_tables({"time_to_start": frame}))


def test_percentages_are_those_of_the_rounded_counts() -> None:
    reasons = list(ROUNDING.labels_of("knife_reasons"))
    frame = pd.DataFrame(
        [(reason, 61, 7 * k + 3) for k, reason in enumerate(reasons)],
        columns=["reason", "n_answered", "n"],
    ).astype({"n_answered": "Int64", "n": "Int64"})
    frame["n"] = frame["n"].clip(upper=61)
    made = protect_tables(ROUNDING, {"knife_reasons": frame})
    table = made.tables["knife_reasons"]
    assert (table["n"] % BASE == 0).all()
    shares = (100 * table["n"] / table["n_answered"]).astype("Float64").round(0)
    assert table["percent"].notna().all()
    assert (table["percent"] == shares).all()
    assert (table["percent"] != (100 * frame["n"] / frame["n_answered"]).round(0)).any()


def test_a_category_that_is_listed_because_of_one_person_is_not_rounded_to_nobody() -> None:
    frame = pd.DataFrame(
        [("Brent", "01", 40), ("Brent", "Total", 40), ("Ealing", "01", 1), ("Ealing", "Total", 1)],
        columns=["borough", "reason", "n"],
    )
    codes = [*ROUNDING.labels_of("codes:reason_not_assigned")]
    rows = [(b, r, 0) for b in ("Brent", "Ealing") for r in codes if r != "01"]
    frame = pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True)
    totals = frame.groupby("reason", as_index=False)["n"].sum().assign(borough="Total")
    frame = pd.concat([frame, totals], ignore_index=True).astype({"n": "Int64"})
    made = protect_tables(ROUNDING, {"non_assignment": frame})
    table = made.tables["non_assignment"].set_index(["borough", "reason"])["n"]
    assert table["Ealing", "Total"] == BASE
    release = as_published("r", structure_of(made), made.tables)
    found = attack([release], threshold=BASE)
    ealing = [b for b in found if b.coords == {"borough": "Ealing", "reason": "Total"}]
    assert [b.low for b in ealing if b.kind == "ranged"] == [1]
    assert all(b.safe for b in found)


@pytest.fixture(scope="module")
def releases() -> list[Made]:
    """Two of half a year with few people in many boroughs: many hold one or two of a table."""
    year = generated_year(200, 6, 3, corrections=3, late_files=2, after=[2, 5])
    return list(publish_in_a_row(ROUNDING, year))


@pytest.mark.thorough
def test_all_published_tables_of_a_year_are_rounded_and_printed(releases: list[Made]) -> None:
    for made in releases:
        printed = {n for n, frame in made.truth.items() if len(frame)}
        parts = [part.spec.name for name in printed for part in made.protected.parts[name]]
        withheld = made.protected.core.withheld
        assert "funnel" not in withheld
        assert len(withheld) <= len(parts) / 10
        assert made.protected.core.rounding is not None
        reach = made.protected.core.rounding.steps * BASE
        assert made.furthest_from_the_truth() < reach
        for _, _, _, figures, _ in made.counts():
            assert (figures.dropna() % BASE == 0).all()


@pytest.mark.thorough
def test_a_table_too_fine_to_be_rounded_is_printed_by_area(releases: list[Made]) -> None:
    made = releases[-1]
    assert made.levels["one_to_one"] == {"borough": "area"}
    assert made.protected.tables["one_to_one"]["n"].notna().all()


@pytest.mark.parametrize(
    "said",
    [
        {"method": "rounding"},
        {"rounding_base": BASE},
        {"method": "rounding", "rounding_base": POLICY.dpia.thresholds.minimum_count - 1},
        {"method": "noise"},
    ],
)
def test_a_policy_that_rounds_says_to_what_and_never_below_the_threshold(
    said: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        Thresholds.model_validate(POLICY.dpia.thresholds.model_dump() | said)
