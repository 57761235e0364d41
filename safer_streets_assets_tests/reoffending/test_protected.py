"""The re-offending table under disclosure control, and an attacker who looks at what it prints."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.core import Link
from safer_streets_assets.disclosure.core_tables import count_tables
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.joint_protection import (
    NOT_MADE,
    PROVEN,
    protect_tables,
    prove_release,
)
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.release import ReleaseContent
from safer_streets_assets.release.content import ReleaseTable, release_tables
from safer_streets_assets.release.errors import UnsafeReleaseError
from safer_streets_assets.release.final_check import refuse_unsafe
from safer_streets_assets.release.notes import notes_for
from safer_streets_assets.reoffending.tables import column_types, reoffending_table
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.reoffending.builders import agreed

COUNTS = ["n_at_risk", "n_events", "n_censored"]
STATISTICS = ["survival", "ci_low", "ci_high"]
POLICY = agreed()
EVENTS = list(POLICY.dpia.reoffending_events)
CONTACT, ARREST, SENTENCING = EVENTS
Group = tuple[int, int, dict[str, int]]
"""So many people, followed for so many days, with the day of each event they had."""


def nothing(people: int, days: int = 365) -> Group:
    return (people, days, {})


def aggregates(completed: int, *groups: Group) -> dict[str, pd.DataFrame]:
    """The aggregates of the funnel and of re-offending."""
    rows = [
        {"event": event, "days": had.get(event, days), "happened": event in had}
        for people, days, had in groups
        for event in EVENTS
        for _ in range(people)
    ]
    table = reoffending_table(pd.DataFrame(rows, columns=["event", "days", "happened"]), POLICY)
    stages = POLICY.dpia.cohort.stages
    counts = [completed + 100 * (len(stages) - 1 - i) for i in range(len(stages))]
    funnel = pd.DataFrame({"stage": stages, "n": counts})
    return {
        "funnel": funnel.astype({"n": "Int64"}),
        "reoffending": table.astype(dict.fromkeys(COUNTS, "Int64")),
    }


def verdicts(made: ProtectedTables) -> dict[str, str]:
    """The attacker's verdict on each core table from what is printed alone."""
    return prove_release(POLICY, [as_published("r0001", structure_of(made), made.tables)])


def printed(made: ProtectedTables) -> pd.DataFrame:
    return made.tables["reoffending"].set_index(["event", "months"])


BUSY: list[Group] = [
    nothing(90),
    (12, 365, {CONTACT: 40}),
    (9, 365, {CONTACT: 300}),
    nothing(8, days=200),
]
YEAR: list[Group] = [nothing(87), (3, 365, {ARREST: 120}), *BUSY[1:]]


@pytest.fixture(scope="module")
def made() -> ProtectedTables:
    """119 followed of 140: contacts in two quarters, three arrests, no sentencing."""
    return protect_tables(POLICY, aggregates(140, *YEAR))


def test_small_counts_are_hidden_and_what_is_large_enough_is_printed(made: ProtectedTables) -> None:
    table = printed(made)
    truth = aggregates(140, *YEAR)["reoffending"]
    true = truth.set_index(["event", "months"])[COUNTS]
    for count in COUNTS:
        shown = table[count].notna()
        assert (table[count][shown] == true[count][shown]).all()
        assert not (shown & true[count].between(1, 4)).any()
        assert (table[f"{count}_marker"][~shown] == "[c]").all()
    contacts = table.loc["Police contact", COUNTS].astype("Float64").to_numpy(float).tolist()
    assert contacts == [[119, 0, 0], [107, 12, 0], [107, 12, 0], [99, 12, 8], [90, 21, 8]]
    assert table.loc["Arrest", COUNTS].isna().any().any()
    assert table.loc["Sentencing", COUNTS].notna().all().all()


def test_an_attacker_proves_what_is_printed_safe(made: ProtectedTables) -> None:
    assert set(verdicts(made).values()) == {PROVEN}
    assert made.summary.set_index("table_name").loc["reoffending", "verdict"] == PROVEN
    assert made.summary.set_index("table_name").loc["reoffending", "suppressed_primary"] > 0


def test_an_estimate_stands_only_beside_counts_that_are_printed_up_to_it(
    made: ProtectedTables,
) -> None:
    table = printed(made)
    contact = table.loc["Police contact"]
    assert contact["survival"].tolist() == [1.0, 0.9, 0.9, 0.9, 0.82]
    assert contact["ci_low_marker"].tolist()[0] == "[x]"
    assert contact["ci_low"].notna().tolist() == [False, True, True, True, True]
    arrest = table.loc["Arrest"]
    first_hidden = arrest[COUNTS].isna().any(axis="columns").tolist().index(True)
    for statistic in STATISTICS:
        assert arrest[statistic].iloc[first_hidden:].isna().all()
        assert (arrest[f"{statistic}_marker"].iloc[first_hidden:] == "[c]").all()


def test_what_was_hidden_cannot_be_printed_all_the_same(made: ProtectedTables) -> None:
    truth = aggregates(140, *YEAR)["reoffending"]
    unprotected = {**made.tables}
    open_table = made.tables["reoffending"].copy()
    for count in COUNTS:
        open_table[count] = truth[count]
        open_table[f"{count}_marker"] = pd.NA
    unprotected["reoffending"] = open_table
    assert set(verdicts(replace(made, tables=unprotected)).values()) != {PROVEN}


@pytest.mark.parametrize("completed", range(119, 126))
def test_how_many_completed_and_are_not_followed_is_protected_too(completed: int) -> None:
    made = protect_tables(POLICY, aggregates(completed, *BUSY))
    funnel = made.tables["funnel"].set_index("stage")["n"]
    at_start = printed(made)["n_at_risk"].xs("0", level="months")
    both = funnel.notna().loc[POLICY.dpia.cohort.stages[-1]] and at_start.notna().any()
    assert both == (completed - 119 not in range(1, 5))
    assert set(verdicts(made).values()) == {PROVEN}


def test_the_same_people_hidden_for_one_event_are_hidden_for_all() -> None:
    made = protect_tables(POLICY, aggregates(122, *BUSY))
    at_start = printed(made)["n_at_risk"].xs("0", level="months")
    assert at_start.isna().all() or at_start.notna().all()


def test_every_number_that_follows_from_another_is_known_to_the_attacker() -> None:
    frames = aggregates(140, *BUSY)
    parts = count_tables(POLICY, frames)
    links = core_links(POLICY, parts, frames)

    def joins(link: Link) -> set[tuple[str, str]]:
        return {(ref.table, ref.measure) for _, ref in link.terms}

    for event in EVENTS:
        for before, after in itertools.pairwise(POLICY.dpia.reoffending.reading_days):
            for count in COUNTS:
                wanted = {(f"reoffending ({event}, {m})", count) for m in (before, after)}
                assert [link.is_count for link in links if joins(link) == wanted] == [True]
    equal = [link for link in links if not link.is_count and len(link.terms) == 4]
    assert len(equal) == len(EVENTS) * len(POLICY.dpia.reoffending.months)


def test_where_nobody_had_one_event_it_does_not_split_those_who_had_another() -> None:
    """Nobody was sentenced, so that all who are followed for less are known: of those with a
    contact 2 would be among them."""
    groups = [
        nothing(80),
        (2, 100, {CONTACT: 60}),
        (10, 365, {CONTACT: 60}),
        nothing(12, days=100),
    ]
    made = protect_tables(POLICY, aggregates(130, *groups))
    assert set(verdicts(made).values()) == {PROVEN}
    table = printed(made)["n_censored"].xs("6", level="months")
    assert table[[CONTACT, SENTENCING]].isna().any()
    groups[1] = (6, 100, {CONTACT: 60})
    made = protect_tables(POLICY, aggregates(134, *groups))
    assert printed(made)["n_censored"].notna().all()


days_of = st.sampled_from([30, 91, 150, 240, 365])


@settings(deadline=None, max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 12),
            days_of,
            st.dictionaries(st.sampled_from(EVENTS), days_of, max_size=3),
        ),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.thorough
def test_whatever_happened_the_attacker_finds_nothing(groups: list[Group]) -> None:
    able = [(n, days, {e: d for e, d in had.items() if d <= days}) for n, days, had in groups]
    made = protect_tables(POLICY, aggregates(sum(n for n, _, _ in able) + 6, *able))
    found = verdicts(made)
    assert {found[name] for name in found if name not in made.core.withheld} <= {PROVEN}
    assert not printed(made)[COUNTS].isin([1, 2, 3, 4]).any().any()


def stored(made: ProtectedTables) -> StoredProtection:
    return StoredProtection(made.tables, made.summary, structure_of(made), 1)


def as_printed(table: pd.DataFrame, summary: pd.DataFrame) -> list[ReleaseTable]:
    return release_tables(POLICY, ReleaseContent({"reoffending": table}, summary, {}, {}, []))


def test_the_last_gate_lets_it_through_and_refuses_an_estimate_after_a_hidden_count(
    made: ProtectedTables,
) -> None:
    summary = made.summary[made.summary["table_name"] == "reoffending"]
    refuse_unsafe(POLICY, as_printed(made.tables["reoffending"], summary))
    spoilt = made.tables["reoffending"].copy()
    at = spoilt.index[(spoilt["event"] == "Arrest") & (spoilt["months"] == "12")][0]
    for name, value in {**dict.fromkeys(COUNTS, 0), "n_at_risk": 116}.items():
        spoilt.loc[at, [name, f"{name}_marker"]] = [value, pd.NA]
    spoilt.loc[at, ["survival", "survival_marker"]] = [0.97, pd.NA]
    with pytest.raises(UnsafeReleaseError, match="before it"):
        refuse_unsafe(POLICY, as_printed(spoilt, summary))


def empty_aggregates() -> dict[str, pd.DataFrame]:
    """Re-offending without a row, and the gate it waits for."""
    gates = pd.DataFrame(
        {"gate": ["impact", "reoffending"], "n_now": [120, 130], "n_needed": 100, "open": False}
    )
    columns = [name for name in column_types(POLICY) if name != "row_order"]
    empty = pd.DataFrame(columns=columns).astype(dict.fromkeys(COUNTS, "Int64"))
    return {
        "stage_gates": gates.astype({"n_now": "Int64"}),
        "reoffending": empty.astype(dict.fromkeys(STATISTICS, "Float64")),
    }


def test_without_an_agreement_the_table_is_empty_and_says_so() -> None:
    policy = shipped_policy()
    made = protect_tables(policy, empty_aggregates())
    assert made.tables["reoffending"].empty
    assert made.summary.set_index("table_name").loc["reoffending", "verdict"] == NOT_MADE
    sentence = notes_for(policy, stored(made))["reoffending"]
    assert "not agreed" in sentence
    assert "Metropolitan Police" in sentence
    assert "gathered" not in sentence


def test_with_an_agreement_and_too_few_people_it_says_how_many_are_missing() -> None:
    made = protect_tables(POLICY, empty_aggregates())
    sentence = notes_for(POLICY, stored(made))["reoffending"]
    assert "not gathered enough" in sentence
    assert "130" in sentence
