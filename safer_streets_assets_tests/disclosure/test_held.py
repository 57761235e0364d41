"""Holding back in the published tables: what is printed release after release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.held import with_counts
from safer_streets_assets.disclosure.last_release import LastRelease
from safer_streets_assets.disclosure.protecting import ProtectedTables, protect_tables
from safer_streets_assets.disclosure.shape import count_tables
from safer_streets_assets.policy import load_policy
from safer_streets_assets_tests.disclosure.test_proving import aggregates_of

POLICY = load_policy()
Frames = Mapping[str, pd.DataFrame]


class Releases:
    """Releases one after the other, as the pipeline protects them."""

    def __init__(self) -> None:
        self.previous: list[PublishedRelease] = []
        self.last: LastRelease | None = None

    def next(self, aggregates: Frames) -> ProtectedTables:
        made = protect_tables(POLICY, aggregates, self.previous, last=self.last)
        assert not made.core.withheld
        release = made.core.release(f"r{len(self.previous)}")
        self.previous.append(replace(release, links=made.links))
        self.last = LastRelease(made.tabulated, made.tables)
        return made


def boroughs(made: ProtectedTables) -> pd.DataFrame:
    table = made.tables["funnel_by_borough"]
    return table[table["stage"] == "sentenced"].set_index("borough")


def test_a_count_that_moved_a_little_is_printed_as_it_was_and_says_since_when() -> None:
    releases = Releases()
    releases.next(aggregates_of({"Hackney": 120, "Lambeth": 90, "Brent": 60}))
    second = boroughs(releases.next(aggregates_of({"Hackney": 122, "Lambeth": 130, "Brent": 60})))
    assert second.loc["Hackney", ["n", "n_as_of"]].tolist() == [120, 1]
    assert second.loc["Lambeth", ["n", "n_as_of"]].tolist() == [130, 2]
    assert second.loc["Brent", ["n", "n_as_of"]].tolist() == [60, 1]
    assert second.loc["Total", ["n", "n_as_of"]].tolist() == [310, 2]
    third = boroughs(releases.next(aggregates_of({"Hackney": 126, "Lambeth": 131, "Brent": 60})))
    assert third.loc["Hackney", ["n", "n_as_of"]].tolist() == [126, 3]
    assert third.loc["Lambeth", ["n", "n_as_of"]].tolist() == [130, 2]
    assert third.loc["Total", "n"] == 316


def test_a_hidden_count_does_not_say_since_when() -> None:
    made = Releases().next(aggregates_of({"Hackney": 120, "Lambeth": 90, "Brent": 3}))
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


def test_no_mean_of_the_day_stands_beside_a_count_that_is_held_back() -> None:
    releases = Releases()
    first = engagement(releases.next(attendance(many=(60, 50, 3.5), one=(30, 25, 3.0))))
    assert first["Total"] == (75, 3.33)
    few = engagement(releases.next(attendance(many=(60, 50, 3.5), one=(32, 27, 1.8))))
    assert {name: n for name, (n, _) in few.items()} == {n: c for n, (c, _) in first.items()}
    assert pd.isna(few["One-to-one"][1])
    assert pd.isna(few["Total"][1])
    enough = engagement(releases.next(attendance(many=(70, 60, 3.6), one=(40, 35, 2.0))))
    assert enough["One-to-one"] == (35, 2.0)
    assert enough["Group"] == (60, 3.6)
    assert enough["Total"] == (95, 3.01)


def gates(n_now: int) -> pd.DataFrame:
    row = {"gate": "impact", "n_now": n_now, "n_needed": 100, "open": n_now >= 100}
    return pd.DataFrame([row]).astype({"n_now": "Int64"})


@pytest.mark.parametrize(("tabulated", "is_open"), [(97, False), (100, True)])
def test_a_gate_is_open_in_print_once_what_is_tabulated_reaches_it(
    tabulated: int, is_open: bool
) -> None:
    change = pd.DataFrame({"scale": ["OFF"], "class": ["Total"], "n": [100]}).astype({"n": "Int64"})
    aggregates = {"stage_gates": gates(100), "reliable_change": change}
    parts = count_tables(POLICY, {"stage_gates": gates(100)})
    (part,) = parts["stage_gates"]
    key = (part.spec.population, "n_now", (("gate", "impact"),))
    frames = with_counts(POLICY, aggregates, parts, {key: tabulated})
    assert frames["stage_gates"]["open"].tolist() == [is_open]
    assert len(frames["reliable_change"]) == (1 if is_open else 0)


def test_a_gate_that_closes_over_one_person_is_hidden_and_not_held_open() -> None:
    releases = Releases()
    assert releases.next({"stage_gates": gates(100)}).tables["stage_gates"]["n_now"].tolist() == [
        100
    ]
    later = releases.next({"stage_gates": gates(99)}).tables["stage_gates"]
    assert later["open"].tolist() == [False]
    assert later["n_now_marker"].tolist() == ["[c]"]
