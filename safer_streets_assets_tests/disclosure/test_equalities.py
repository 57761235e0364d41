"""Numbers that are equal whoever the people are: all of them are declared or explained, and an
attacker who finds them anew from many years derives nothing."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest

from safer_streets_assets.disclosure.coarsening import paths_of
from safer_streets_assets.disclosure.core import Link, PublishedRelease, prove
from safer_streets_assets.disclosure.core_tables import core_table, count_tables
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.tables import PolicyLink, PublishedSpec
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.equalities import (
    FEWEST,
    as_links,
    explained,
    find_equalities,
    is_explained,
)
from safer_streets_assets_tests.generated_halves import some_of_the_people
from safer_streets_assets_tests.generated_years import (
    Month,
    conform_all,
    counted_from_conformed,
    generated_year,
    months_loaded,
)
from safer_streets_assets_tests.releases_in_a_row import Made, publish_in_a_row
from safer_streets_assets_tests.reoffending.builders import agreed

EVERY_YEAR = os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1"
PEOPLE, SAMPLES = 500, 8
SEEDS = range(1, 11) if EVERY_YEAR else range(1, 4)
SMALL = 3
"""In ten years few counts are equal by chance, also of those that take so few values."""
Frames = dict[str, pd.DataFrame]


@functools.cache
def all_stages() -> Policy:
    """The policy when every agreement is signed, with gates that open at once."""
    policy = agreed()
    gates = [gate.model_copy(update={"needed": 1}) for gate in policy.dpia.gates]
    return replace(policy, dpia=policy.dpia.model_copy(update={"gates": gates}))


@pytest.fixture(scope="module")
def samples() -> list[Frames]:
    """The aggregates of many sets of people, with every table made."""
    return [
        sample
        for seed in SEEDS
        for sample in some_of_the_people(PEOPLE, seed=seed, samples=SAMPLES, policy=all_stages())
    ]


def with_links(policy: Policy, keep: Callable[[PolicyLink], bool]) -> Policy:
    """The policy with some of its links."""
    links = [link for link in policy.tables.links if keep(link)]
    return replace(policy, tables=policy.tables.model_copy(update={"links": links}))


def without_links_of(policy: Policy, table: str) -> Policy:
    """The policy without the links that name a table."""
    return with_links(policy, lambda link: table not in {term.table for term in link.terms})


def with_tables(policy: Policy, names: Collection[str]) -> Policy:
    """The policy with some of its tables, and the links between them."""
    within = with_links(policy, lambda link: {term.table for term in link.terms} <= set(names))
    tables = {name: policy.tables.tables[name] for name in names}
    return replace(within, tables=within.tables.model_copy(update={"tables": tables}))


def only(aggregates: Mapping[str, pd.DataFrame], names: Collection[str]) -> Frames:
    """The aggregates of these tables, at every level."""
    return {key: frame for key, frame in aggregates.items() if key.split(" (")[0] in names}


def words(
    policy: Policy, samples: Sequence[Mapping[str, pd.DataFrame]], fewest: int = FEWEST
) -> set[str]:
    """What is found that is neither declared nor explained."""
    found, entries = find_equalities(policy, samples, fewest=fewest), explained()
    return {equality.said for equality in found if not is_explained(equality, entries)}


@pytest.mark.parametrize("step", [0, -1], ids=["finest", "coarsest"])
@pytest.mark.thorough
def test_every_number_that_is_another_is_declared_or_explained(
    samples: list[Frames], step: int
) -> None:
    policy = all_stages()
    levels = {
        name: {d: level for _, path in paths_of(policy, name) for d, level in path[step].items()}
        for name in policy.tables.tables
    }
    found = words(policy.at_levels(levels), [at_levels(sample, levels) for sample in samples])
    assert found == set(), (
        "Declare these under links in tables.yaml, or explain them in explained_equalities.yaml."
    )


@pytest.mark.skipif(not EVERY_YEAR, reason="SAFER_STREETS_EVERY_YEAR=1 runs it: ten years")
def test_every_small_number_that_is_another_is_declared_too(samples: list[Frames]) -> None:
    """But of few who are followed, or have scores, many are alike by chance."""
    policy = all_stages()
    names = [n for n, t in policy.tables.tables.items() if t.gate not in ("impact", "reoffending")]
    levels = {
        name: {d: level for _, path in paths_of(policy, name) for d, level in path[-1].items()}
        for name in names
    }
    there = with_tables(policy, names).at_levels(levels)
    few = [at_levels(only(sample, names), levels) for sample in samples]
    assert words(there, few, SMALL) == set()


@pytest.mark.thorough
def test_attendance_is_found_again_when_its_links_are_taken_out(samples: list[Frames]) -> None:
    found = words(without_links_of(all_stages(), "attendance_by_session"), samples)
    assert {
        "attendance_by_session[6, Total].n_expected = funnel[midpoint]",
        "attendance_by_session[12, Total].n_expected = funnel[completed]",
        "attendance_by_session[12, Group].n_expected = attrition[Group, Completed]",
        "checkins_against_crc[Total, Group] = attendance_by_session[1, Group].n_expected",
    } <= found


@pytest.mark.thorough
def test_a_sum_of_two_is_found_when_its_link_is_taken_out(samples: list[Frames]) -> None:
    found = words(without_links_of(all_stages(), "eligibility_agreement"), samples)
    assert (
        "eligibility_agreement[Total, assigned] + eligibility_agreement[Total, not assigned] = "
        "source_conflicts[borough]" in found
    )


@pytest.mark.thorough
def test_a_new_table_that_repeats_a_number_is_found(samples: list[Frames]) -> None:
    policy, repeated = all_stages(), "starters_by_age"
    spec = PublishedSpec(
        title="Those who started, by age",
        population="started",
        margins_of="starters",
        source="cohort_stages",
        within={"stage": "started"},
        dimensions=["age_band"],
    )
    tables = {**policy.tables.tables, repeated: spec}
    wider = replace(policy, tables=policy.tables.model_copy(update={"tables": tables}))
    found = words(wider, [{**sample, repeated: _starters(sample)} for sample in samples])
    assert f"funnel_by_demographics[Total, 18-24, started] = {repeated}[18-24]" in found
    assert all(repeated in said for said in found)


def _starters(sample: Frames) -> pd.DataFrame:
    frame = sample["funnel_by_demographics"]
    own = frame[(frame["gender"] == "Total") & (frame["stage"] == "started")]
    return own[["age_band", "n"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def year() -> list[Month]:
    """Two months of a year with corrections and late files."""
    return generated_year(300, seed=21, corrections=2, late_files=3, after=[8, 11])


@pytest.mark.thorough
def test_two_releases_stand_against_equalities_found_anew(
    samples: list[Frames], year: list[Month]
) -> None:
    for verdicts in attacked(shipped_policy(), year, samples):
        assert set(verdicts.values()) == {PROVEN}


@pytest.mark.thorough
def test_the_attack_succeeds_where_attendance_is_not_linked(
    samples: list[Frames], year: list[Month]
) -> None:
    names = ("funnel", "attrition", "attendance_by_session")
    linked = with_tables(shipped_policy(), names)
    few = [only(sample, names) for sample in samples]
    month = [(only(aggregates, names), reasons) for aggregates, reasons in year[1:]]
    assert set(attacked(linked, month, few)[0].values()) == {PROVEN}
    bare = without_links_of(linked, "attendance_by_session")
    assert any("derivable" in said for said in attacked(bare, month, few)[0].values())


@pytest.mark.skipif(not EVERY_YEAR, reason="SAFER_STREETS_EVERY_YEAR=1 runs it: minutes")
@pytest.mark.parametrize(("people", "seed"), [(300, 2), (500, 3), (900, 22)])
def test_other_years_stand_against_them_too(samples: list[Frames], people: int, seed: int) -> None:
    later = generated_year(people, seed=seed, corrections=3, late_files=3, after=[8, 11])
    for verdicts in attacked(shipped_policy(), later, samples):
        assert set(verdicts.values()) == {PROVEN}


@pytest.mark.thorough
def test_who_completed_before_the_midpoint_ends_no_run() -> None:
    policy = shipped_policy()
    for month, connection in months_loaded(120, 6, 4, 0, 0, policy):
        if month == 5:
            conform_all(connection, policy)
            connection.execute(
                "UPDATE research.programme_cases SET sessions_attended = 5 WHERE person_id = "
                "(SELECT min(person_id) FROM research.programme_cases WHERE outcome = 'Completed')"
            )
            frames, reasons = counted_from_conformed(connection, policy)
    frames = at_levels(frames, {})
    outcomes = frames["attrition"].set_index(["delivery", "outcome"])["n"]
    completed = frames["funnel"].set_index("stage")["n"]["completed"]
    assert outcomes["Total", "Completed"] == completed + 1
    assert not protect_tables(policy, frames, (), reasons).core.withheld


def attacked(policy: Policy, year: Sequence[Month], samples: list[Frames]) -> list[dict[str, str]]:
    """The verdicts on each release in turn, protected as the product does and attacked, with all
    before it, by who knows no link and finds what is equal in the samples."""
    known: list[PublishedRelease] = []
    verdicts = []
    for made in publish_in_a_row(policy, year):
        protected = made.protected
        assert not protected.core.withheld
        printed = as_published(
            f"release {len(known) + 1}",
            structure_of(protected),
            protected.tables,
            protected.core.not_monotone,
            protected.core.alone,
        )
        known.append(replace(printed, links=_found_anew(made, samples)))
        verdicts.append(
            prove(known, threshold=policy.dpia.thresholds.minimum_count, time_limit=600.0)
        )
    return verdicts


def _found_anew(made: Made, samples: list[Frames]) -> list[Link]:
    there = {name for name, frame in made.truth.items() if len(frame)}
    others = [
        {name: frame for name, frame in at_levels(sample, made.levels).items() if name in there}
        for sample in samples
    ]
    found = find_equalities(with_links(made.policy, lambda link: False), others)
    parts = count_tables(made.policy, made.truth)
    tables = [core_table(part, made.truth[name]) for name, own in parts.items() for part in own]
    entries = explained()
    links = as_links((e for e in found if not is_explained(e, entries)), tables)
    assert links
    return links
