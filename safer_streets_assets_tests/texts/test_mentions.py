"""Where a text names somebody, and where the same words name nobody."""

from __future__ import annotations

import pytest

from safer_streets_assets.intake.mentions import mentions_in
from safer_streets_assets.intake.name_context import Language
from safer_streets_assets.intake.naming import words_of_policy, words_without_slips
from safer_streets_assets.intake.people_held import PeopleHeld
from safer_streets_assets.policy import Policy, load_policy

HELD = (
    *("ZEPHYRQUILL, Darnell Wayne", "Smythe-Quarle, Anne-Marie", "O\u2019Hallorane, Si\u00e2n"),
    *("YOUNG, William", "HOPE, May", "NG, Thaddeus", "Brent Walker", "OKONJO, Jordan"),
    *("GREEN, Don", "van den Quist, Jo"),
)


@pytest.fixture(scope="module")
def people() -> PeopleHeld:
    """The people of `HELD`."""
    policy = load_policy()
    forms, plain = policy.vocabulary.names.forms, words_without_slips(policy)
    return PeopleHeld(HELD, words_of_policy(policy), forms, plain)


def named(text: str, people: PeopleHeld, policy: Policy) -> list[str]:
    """What of a text is a name."""
    return [text[m.start : m.end] for m in mentions_in(text, people, Language.of(policy))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Spoke to darnell wayne zephyrquil today", ["darnell wayne zephyrquil"]),
        ("Zephyrquill, Darnell and Anne Smythe", ["Zephyrquill, Darnell", "Anne Smythe"]),
        ("O Hallorane\u2019s bag, OHallorane; sian", ["O Hallorane\u2019s", "OHallorane", "sian"]),
        ("Bill Young asked; Wills left", ["Bill Young", "Wills"]),
        ("will was late and Will left", ["will", "Will"]),
        ("May came late in May", ["May"]),
        ("Thanks to hope", ["hope"]),
        ("D. Zephyrquill, T. Ng", ["D. Zephyrquill", "T. Ng"]),
        ("Mr Fitzroy and Mrs Adeyemi", ["Fitzroy", "Adeyemi"]),
        ("Brent was late", ["Brent"]),
        ("Zephyrqiull left. Darnel too", ["Zephyrqiull", "Darnel"]),
        ("JORDAN WAS LATE, AND ZEPHYRQUILL", ["JORDAN", "ZEPHYRQUILL"]),
        ("darnellzephyrquill, HopeMay", ["darnellzephyrquill", "HopeMay"]),
        ("Jordan Fitzpatrick-Bell", ["Jordan Fitzpatrick-Bell"]),
        ("with van den Quist, vandenquist", ["van den Quist", "vandenquist"]),
        ("Zephyr\u00adquill and Zephyr\u200bquill", ["Zephyr\u00adquill", "Zephyr\u200bquill"]),
    ],
)
def test_a_name_is_found_where_it_stands(
    people: PeopleHeld, policy: Policy, text: str, names: list[str]
) -> None:
    assert named(text, people, policy) == names


@pytest.mark.parametrize(
    "text",
    [
        "Will you come in May?",
        "Young people were keen",
        "In May 2020 we hope to start",
        "Hope it goes well, may be",
        "He lives in Brent, near Brent Cross",
        "Don't walk in the park; I don\u2019t hope so",
        "The bus from Wood Green was late",
        "Role play, weekly sessions, walked out",
        "",
        "123 \u00a350 :-)",
    ],
)
def test_the_same_words_name_nobody_elsewhere(
    people: PeopleHeld, policy: Policy, text: str
) -> None:
    assert named(text, people, policy) == []


def test_no_place_of_a_mention_is_outside_the_text(people: PeopleHeld, policy: Policy) -> None:
    text = "\ufb01eld Zephyrquill\u0301 \U0001d518nknown Ng\u0308 D\u2019Zephyrquill"
    for one in mentions_in(text, people, Language.of(policy)):
        assert 0 <= one.start < one.end <= len(text)
        assert repr(one) == f"Mention(start={one.start}, end={one.end}, is_sure={one.is_sure})"
