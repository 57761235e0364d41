"""Holding back in the published tables: what is printed release after release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.core_tables import HELD
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.printed_before import PrintedBefore
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets_tests.disclosure.test_proving import aggregates_of

POLICY = load_policy()
Frames = Mapping[str, pd.DataFrame]


HOLDING = replace(
    POLICY,
    dpia=POLICY.dpia.model_copy(
        update={"thresholds": POLICY.dpia.thresholds.model_copy(update={"hold_back": True})}
    ),
)


class Releases:
    """Releases one after the other, as the pipeline protects them."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.previous: list[PublishedRelease] = []
        self.before = PrintedBefore()

    def next(self, aggregates: Frames) -> ProtectedTables:
        made = protect_tables(self.policy, aggregates, self.previous, before=self.before)
        assert not made.core.withheld
        release = made.core.release(f"r{len(self.previous)}")
        self.previous.append(replace(release, links=[*made.links, *made.of_day]))
        self.before = self.before.then(made.tables, made.core.evidence)
        return made


def boroughs(made: ProtectedTables) -> pd.DataFrame:
    table = made.tables["funnel_by_borough"]
    return table[table["stage"] == "sentenced"].set_index("borough")


BEFORE = {"Hackney": 120, "Lambeth": 90, "Brent": 60, "Ealing": 50}
NOW = {"Hackney": 122, "Lambeth": 130, "Brent": 58, "Ealing": 50}


def test_a_count_that_moved_a_little_is_hidden_until_it_moved_by_enough() -> None:
    releases = Releases()
    releases.next(aggregates_of(BEFORE))
    second = boroughs(releases.next(aggregates_of(NOW)))
    assert second.loc[["Hackney", "Brent"], "n"].isna().all()
    assert second.loc[["Lambeth", "Ealing", "Total"], "n"].tolist() == [130, 50, 360]
    third = boroughs(releases.next(aggregates_of({**NOW, "Hackney": 126, "Brent": 70})))
    assert third.loc[["Hackney", "Brent", "Total"], "n"].tolist() == [126, 70, 376]


def test_where_policy_holds_back_a_count_that_moved_a_little_is_printed_as_it_was() -> None:
    releases = Releases(HOLDING)
    releases.next(aggregates_of(BEFORE))
    made = releases.next(aggregates_of(NOW))
    second = boroughs(made)
    assert second.loc[["Hackney", "Brent"], "n"].tolist() == [120, 60]
    assert second.loc[["Lambeth", "Ealing", "Total"], "n"].tolist() == [130, 50, 360]
    assert made.cells_held > 0
    marked = second["n_marker"].eq(HELD).fillna(False).astype(bool)
    assert set(second.index[marked]) == {"Hackney", "Brent", "Ealing"}, "as if none had moved"


def test_a_total_a_zero_and_a_category_not_printed_before_are_never_held() -> None:
    releases = Releases(HOLDING)
    releases.next(aggregates_of({**BEFORE, "Newham": 6}))
    second = boroughs(releases.next(aggregates_of({**NOW, "Newham": 0, "Bexley": 43})))
    printed = second.dropna(subset="n")["n"]
    true = {**NOW, "Newham": 0, "Bexley": 43, "Total": 403}
    held = {name for name, count in printed.items() if count != true[name]}
    assert held <= {"Hackney", "Brent"}


def test_a_hidden_count_does_not_say_since_when() -> None:
    made = Releases(HOLDING).next(aggregates_of({"Hackney": 120, "Lambeth": 90, "Brent": 3}))
    table = made.tables["funnel_by_borough"]
    assert table["n"].isna().any()
    assert (table["n"].isna() == table["n_as_of"].isna()).all()


def attendance(**groups: tuple[int, int, float]) -> Frames:
    """One session: people expected, people who came and their mean engagement, by delivery."""
    expected, came = (sum(group[k] for group in groups.values()) for k in (0, 1))
    mean = sum(group[1] * group[2] for group in groups.values()) / came
    named = {"Group": groups["many"], "One-to-one": groups["one"], "Total": (expected, came, mean)}
    rows = [
        {
            "session": "1",
            "delivery": name,
            "n_expected": n,
            "n_attended": there,
            "mean_engagement": value,
            "mean_engagement_base": there,
        }
        for name, (n, there, value) in named.items()
    ]
    counts = ["n_expected", "n_attended", "mean_engagement_base"]
    return {"attendance_by_session": pd.DataFrame(rows).astype(dict.fromkeys(counts, "Int64"))}


def engagement(made: ProtectedTables) -> dict[str, tuple[Any, Any]]:
    table = made.tables["attendance_by_session"].set_index("delivery")
    return {
        str(name): (row["n_attended"], row["mean_engagement"]) for name, row in table.iterrows()
    }


def test_a_mean_is_hidden_with_its_count_so_that_no_few_follow_from_two_means() -> None:
    releases = Releases()
    first = engagement(releases.next(attendance(many=(60, 50, 3.5), one=(30, 25, 3.0))))
    assert first["Total"] == (75, 3.33)
    few = engagement(releases.next(attendance(many=(60, 50, 3.5), one=(32, 27, 1.8))))
    hidden = [value for name in ("Total", "One-to-one") for value in few[name]]
    assert all(pd.isna(value) for value in hidden)
    enough = engagement(releases.next(attendance(many=(70, 60, 3.6), one=(40, 35, 2.9))))
    assert enough["One-to-one"] == (35, 2.9)
    assert enough["Group"] == (60, 3.6)
    assert enough["Total"] == (95, 3.34)


def gates(n_now: int) -> pd.DataFrame:
    row = {"gate": "impact", "n_now": n_now, "n_needed": 100, "open": n_now >= 100}
    return pd.DataFrame([row]).astype({"n_now": "Int64"})


def test_a_gate_that_closes_over_one_person_is_hidden_and_not_held_open() -> None:
    releases = Releases()
    assert releases.next({"stage_gates": gates(100)}).tables["stage_gates"]["n_now"].tolist() == [
        100
    ]
    later = releases.next({"stage_gates": gates(99)}).tables["stage_gates"]
    assert later["open"].tolist() == [False]
    assert later["n_now_marker"].tolist() == ["[c]"]
