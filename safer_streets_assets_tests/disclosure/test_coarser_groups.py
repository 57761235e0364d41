"""Groups of people and classes of change at coarser levels: computed of their people, moved facet
by facet, and tied to tables that stand at another level."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from safer_streets_assets.disclosure.coarsening import (
    Chosen,
    coarse_dimensions,
    path_of,
    protect_at_levels,
)
from safer_streets_assets.disclosure.core_tables import count_tables
from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.policy.tables_rows import Rows
from safer_streets_assets_tests.disclosure.attitude_years import (
    AttitudeYear,
    attitude_policy,
    attitude_year,
)

POLICY = attitude_policy()
WIDE, FINE = {"age_band": "wide_age_band"}, {"age_band": "age_band"}
BANDS = {"under 25": ["under 18", "18-24"], "25+": ["25-34", "35-44", "45+"]}


@pytest.fixture(scope="module")
def year() -> AttitudeYear:
    """A year in which most of what is said of five age bands would be hidden."""
    return attitude_year(735, 3)


def choose(year: AttitudeYear, recorded: Mapping[str, Mapping[str, str]]) -> Chosen:
    return protect_at_levels(
        POLICY,
        recorded,
        lambda levels: at_levels(year.aggregates, levels),
        lambda there, frames: protect_tables(there, frames, (), year.reasons),
    )


@pytest.fixture(scope="module")
def chosen(year: AttitudeYear) -> Chosen:
    return choose(year, {})


@pytest.mark.thorough
def test_a_facet_that_would_be_mostly_hidden_moves_and_no_other_does(chosen: Chosen) -> None:
    assert set(chosen.protected.summary["verdict"]) == {PROVEN}
    printed = chosen.protected.tables["attitude_change"]
    groups = printed[printed["group_name"] != "Total"].groupby("group_name")["group_value"]
    assert set(groups.get_group("age band")) == set(BANDS)
    assert set(groups.get_group("gender")) == set(POLICY.labels_of("codes:gender"))
    moved = {(c.table_name, c.dimension): c for c in chosen.choices}
    age = moved["attitude_change", "age_band"]
    assert (age.level, age.hidden_after) == ("wide_age_band", 0.0)
    assert age.hidden_before > POLICY.tables.coarsening.mostly_hidden
    assert moved["attitude_attrition", "borough"].level == "borough"
    said = list(coarse_dimensions(chosen.policy, "attitude_change"))
    assert said == [("wide age band", "age band", False)]


@pytest.mark.thorough
@pytest.mark.parametrize("table", ["attitude_change", "attitude_attrition"])
def test_every_row_is_one_that_the_policy_says_a_facet_may_have(
    year: AttitudeYear, table: str
) -> None:
    rows = Rows(POLICY)
    (pair,) = rows.pairs(table)
    found = at_levels(year.aggregates, {})[table][list(pair)].astype(str).drop_duplicates()
    assert len(found) > len(POLICY.tables.columns(table)[pair[1]].facets)
    for values in found.itertuples(index=False):
        assert rows.together(table, dict(zip(pair, values, strict=True))), values


@pytest.mark.thorough
def test_what_is_on_the_register_is_kept_of_each_facet(year: AttitudeYear) -> None:
    recorded = {
        "attitude_change": FINE,
        "attitude_attrition": {"age_band": "wide_age_band", "borough": "area"},
        "reliable_change": {"class": "class"},
    }
    assert path_of(POLICY, "attitude_attrition", recorded["attitude_attrition"]) == [
        {"borough": "area", "age_band": "wide_age_band"}
    ]
    kept = choose(year, recorded)
    assert kept.choices == ()
    tables = kept.protected.tables
    assert set(BANDS["25+"]) <= set(tables["attitude_change"]["group_value"])
    assert "Central London" in set(tables["attitude_attrition"]["category"])
    assert "Lambeth" not in set(tables["attitude_attrition"]["category"])
    assert "no reliable change" in set(tables["reliable_change"]["class"])


def test_a_wider_group_has_the_statistics_of_its_people(year: AttitudeYear) -> None:
    fine = year.aggregates["attitude_change"].set_index(["scale", "comparison", "group_value"])
    wide = year.aggregates["attitude_change (age_band by wide_age_band)"]
    for row in wide[wide["group_name"] == "age band"].to_dict("records"):
        bands = BANDS[row["group_value"]]
        own = fine.loc[[(row["scale"], row["comparison"], band) for band in bands]]
        assert row["n_start"] == own["n_start"].sum()
        assert row["n_paired"] == own["n_paired"].sum()
        mean = np.average(own["mean_change"].fillna(0.0), weights=own["n_paired"])
        assert row["mean_change"] == pytest.approx(mean)
        assert row["sd_change"] > 0
    assert not set(wide["group_value"]) & {band for own in BANDS.values() for band in own}


def test_whoever_did_not_improve_reliably_is_everybody_else(year: AttitudeYear) -> None:
    fine = year.aggregates["reliable_change"].pivot(index="scale", columns="class", values="n")
    wide = year.aggregates["reliable_change (class by improved_or_not)"]
    wide = wide.pivot(index="scale", columns="class", values="n")
    assert wide["reliably improved"].tolist() == fine["reliable improvement"].tolist()
    everybody = wide["reliably improved"] + wide["not reliably improved"]
    assert everybody.tolist() == wide["Total"].tolist() == fine["Total"].tolist()


@pytest.mark.parametrize(("change", "attrition"), [(WIDE, FINE), (FINE, WIDE), (WIDE, WIDE)])
def test_a_category_is_tied_to_its_group_whatever_level_either_stands_at(
    year: AttitudeYear, change: dict[str, str], attrition: dict[str, str]
) -> None:
    levels = {
        "attitude_change": change,
        "attitude_attrition": {"borough": "borough", **attrition},
        "reliable_change": {"class": "class"},
    }
    there, frames = POLICY.at_levels(levels), at_levels(year.aggregates, levels)
    parts = count_tables(there, frames)
    why = "A category is a group of the primary scales, with their end scores"
    links = core_links(there, parts, frames, lambda link: link.why == why)
    tied = [
        frozenset(tuple(ref.coords.values()) for _, ref in link.terms)
        for link in links
        if any(ref.table == "attitude_attrition (age band)" for _, ref in link.terms)
    ]
    for group, bands in BANDS.items():
        both = change == attrition == WIDE
        expected = frozenset({(group,)} if both else {(group,), *((band,) for band in bands)})
        assert tied.count(expected) == len(POLICY.labels_of("primary_scales"))


def test_a_facet_keeps_the_hierarchy_of_its_dimension_in_the_core(year: AttitudeYear) -> None:
    frames = at_levels(year.aggregates, {})
    parts = {part.spec.name: part for part in count_tables(POLICY, frames)["attitude_change"]}
    age = parts["attitude_change (OFF, start-end, age band)"].spec
    assert age.hierarchies["age band"] == {
        band: group for group, bands in BANDS.items() for band in bands
    }
    assert parts["attitude_change (OFF, start-end, gender)"].spec.hierarchies == {}
