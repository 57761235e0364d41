"""The hierarchies of tables.yaml: what is in which group, and a mistake in them."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from safer_streets_assets.policy import PolicyError, load_policy

POLICY = load_policy()
SHIPPED = Path(str(resources.files("safer_streets_assets.policy")))
BOROUGH = POLICY.tables.hierarchies["borough"]


def test_every_borough_of_london_is_in_one_area() -> None:
    (area,) = BOROUGH.levels
    members = [borough for own in area.groups.values() for borough in own]
    assert len(members) == len(set(members)) == 33
    rolled_out = set(POLICY.dpia.opening_dates)
    assert rolled_out <= set(members)


@pytest.mark.parametrize(
    ("borough", "area"),
    [
        ("Westminster", "Central London"),
        ("  lambeth ", "Central London"),
        ("KENSINGTON  and CHELSEA", "Central London"),
        ("Enfield", "North London"),
        ("Crawley", "Outside London or not known"),
        ("", "Outside London or not known"),
    ],
)
def test_a_borough_is_in_its_area_however_it_is_spelt(borough: str, area: str) -> None:
    assert BOROUGH.at("area", borough) == area


@pytest.mark.parametrize(
    ("month", "quarter"),
    [
        ("2026-01", "2026-Q1"),
        ("2026-03", "2026-Q1"),
        ("2026-04", "2026-Q2"),
        ("2026-12", "2026-Q4"),
        ("2026-13", "Not a month"),
    ],
)
def test_a_month_is_in_its_quarter(month: str, quarter: str) -> None:
    assert POLICY.tables.hierarchies["month"].at("quarter", month) == quarter


def test_a_table_at_a_level_keeps_its_column_and_says_what_stands_there() -> None:
    there = POLICY.at_levels({"one_to_one": {"borough": "area"}})
    column = there.tables.columns("one_to_one")["borough"]
    assert column.values == BOROUGH.levels[0].values
    assert there.tables.columns("funnel_by_borough") == POLICY.tables.columns("funnel_by_borough")
    assert there.tables.parents("one_to_one", "borough", ["North London"]) == {}
    assert there.tables.parents("funnel_by_borough", "borough", ["Barnet"]) == {
        "Barnet": "North London"
    }


AREA = "      - name: area\n"
NORTH = "          North London: [Barnet, Enfield, Haringey]\n"
REST = "        rest: Outside London or not known\n"
MISTAKES = {
    "a category twice": (NORTH, NORTH.replace("Barnet", "Brent"), "groups? twice|two groups"),
    "no rest where categories come from the data": (REST, "", "name a rest"),
    "a rest with the name of a group": (
        REST,
        "        rest: North London\n",
        "name of their own",
    ),
    "a group called Total": (NORTH, NORTH.replace("North London", "Total"), "not Total"),
    "groups and a rule": (REST, REST + "        rule: quarter\n", "one of them"),
    "a fixed category in no group": ("[under 18, 18-24]", "[18-24]", "under 18 is in no group"),
    "a group of no fixed category": ("[under 18, 18-24]", "[under 18, 18-24, 99]", "string"),
    "a category that a fixed dimension lacks": (
        "[under 18, 18-24]",
        '[under 18, 18-24, "99"]',
        "not a category of age_band",
    ),
    "coarsening along another dimension": (
        "    coarsen: [month]",
        "    coarsen: [borough]",
        "neither a dimension of it",
    ),
    "a facet of a dimension that is not there": (
        "age band: age_band, delivery: delivery}}",
        "age band: ages, delivery: delivery}}",
        "facets that are of no dimension",
    ),
    "facets of nothing": (
        "facet_of: group_value, everybody: once, facets",
        "facets",
        "has facets, but says not of what",
    ),
    "coarsening along a dimension without levels": (
        "    coarsen: [age_band]",
        "    coarsen: [gender]",
        "not under hierarchies",
    ),
    "a level that is not there": (
        "    coarsen: [month]",
        "    coarsen: [month]\n    level: {month: year}",
        "month, quarter",
    ),
    "a share above one": ("mostly_hidden: 0.5", "mostly_hidden: 50", "mostly_hidden"),
    "a hierarchy of what does not add up": (
        "  month:\n    levels:",
        "  session:\n    levels: [{name: h, title: Half, by: half, rule: quarter, rest: Other}]\n"
        "  month:\n    levels:",
        "session, which is not a dimension that adds up",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_a_hierarchy_is_one_sentence(what: str, tmp_path: Path) -> None:
    old, new, said = MISTAKES[what]
    for path in SHIPPED.glob("*.yaml"):
        shutil.copyfile(path, tmp_path / path.name)
    shutil.copytree(SHIPPED / "sql", tmp_path / "sql")
    text = (tmp_path / "tables.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "tables.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=rf"^tables\.yaml, .*({said}).*\.$"):
        load_policy(tmp_path)
