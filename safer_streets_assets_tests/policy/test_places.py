"""The lists of places: what London has; any spelling finds its place, and nothing else does."""

from __future__ import annotations

import random
import string
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safer_streets_assets.demo.vocabulary import BOROUGH_WEIGHTS, COURTS
from safer_streets_assets.policy.vocabulary import WordList, folded
from safer_streets_assets_tests.builders import shipped_policy

LISTS = shipped_policy().places.lists
BOROUGHS, COURT_LIST = LISTS["boroughs"], LISTS["courts"]
OUTSIDE = "Outside London"
KINDS = ("Magistrates' Court", "Youth Court", "Crown Court")

SPELLINGS = [
    (name, word, spelling)
    for name, places in LISTS.items()
    for word, others in (*places.words.items(), (places.other, places.spellings_of_other))
    for spelling in (word, *others)
]
"""Each list, place and spelling."""
KEYS = {name: {folded(text) for of, _, text in SPELLINGS if of == name} for name in LISTS}
BLANKS = "\u00a0 \t\n\u2009\u202f\u3000\u2007-\u2010\u2011\u2012\u2013\u2014\u2212_/"
NOTHING = [
    "",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u200e",
    "\u034f",
    "\ufe0f",
]
APOSTROPHES = [
    "'",
    "\u2019",
    "\u2018",
    "\u201b",
    "\u02bc",
    "\u02b9",
    "`",
    "\u00b4",
    "\u2032",
    "\uff07",
    "",
]
QUOTES = ["{}", "\u201c{}\u201d", '"{}"', "({})", "[{}]", " {} ", "{}.", "{},", "\u3164{}"]


@st.composite
def written_otherwise(draw: st.DrawFn, text: str) -> str:
    """A text as somebody else may write it, or a program may export it."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    text = rng.choice([text, text.replace("&", " and ")])
    text = text.replace(" and ", rng.choice([" and ", " & ", "&", " AND ", " \uff06 "]))
    letters = []
    for letter in text:
        if letter == " ":
            letters.append("".join(rng.choices(BLANKS, k=rng.randint(1, 3))))
        elif letter == "'":
            letters.append(rng.choice(APOSTROPHES))
        else:
            letters.append(rng.choice([letter, letter.upper(), letter.lower()]))
        letters.append(rng.choice(NOTHING) if rng.random() < 0.2 else "")
    return rng.choice(QUOTES).format("".join(letters))


def test_london_has_32_boroughs_and_the_city() -> None:
    assert len(BOROUGHS.words.keys() - {OUTSIDE}) == 33
    assert "City of London" in BOROUGHS.words


def test_every_court_is_of_a_kind_that_sentences_people() -> None:
    assert [w for w in COURT_LIST.words if not w.endswith(KINDS)] == ["Central Criminal Court"]
    for kind in KINDS:
        assert [word for word in COURT_LIST.words if word.endswith(kind)]


@pytest.mark.parametrize(
    "district",
    [
        *("Brentwood", "Broxbourne", "Dartford", "Elmbridge", "Epping Forest", "Epsom and Ewell"),
        *("Hertsmere", "Mole Valley", "Reigate and Banstead", "Sevenoaks", "Slough", "South Bucks"),
        *("Spelthorne", "Tandridge", "Three Rivers", "Thurrock", "Watford", "Welwyn Hatfield"),
        *("Thurrock Council", "Epping Forest District Council", "ESSEX", "Out of London"),
    ],
)
def test_what_borders_london_is_outside_london(district: str) -> None:
    assert BOROUGHS.word(district) == OUTSIDE


def test_the_invented_drops_have_places_of_the_lists_alone() -> None:
    assert BOROUGH_WEIGHTS.keys() <= BOROUGHS.words.keys() - {OUTSIDE}
    assert set(COURTS) <= COURT_LIST.words.keys()


def test_where_the_programme_opens_is_in_london() -> None:
    assert shipped_policy().dpia.opening_dates.keys() <= BOROUGHS.words.keys() - {OUTSIDE}


@pytest.mark.parametrize(
    ("text", "court"),
    [
        ("Thames Mags", "Thames Magistrates' Court"),
        ("Thames Magistrates Court", "Thames Magistrates' Court"),
        ("thames magistrates\u2019 ct", "Thames Magistrates' Court"),
        ("Thames Youth Ct", "Thames Youth Court"),
        ("Thames Magistrates' Court (Youth)", "Thames Youth Court"),
        ("Thames Magistrates Youth Court", "Thames Youth Court"),
        ("Inner London Crown Ct", "Inner London Crown Court"),
        ("Inner London Sessions House Crown Court", "Inner London Crown Court"),
        ("The Central Criminal Court", "Central Criminal Court"),
        ("The Old Bailey", "Central Criminal Court"),
        ("Old Bailey", "Central Criminal Court"),
        ("Kingston-Upon-Thames Crown Court", "Kingston upon Thames Crown Court"),
        ("Luton Crown Court", None),
        ("Thames County Court", None),
        ("South West London Magistrates' Court", None),
    ],
)
def test_a_court_is_found_as_people_write_it(text: str, court: str | None) -> None:
    assert COURT_LIST.word(text) == court


@given(place=st.sampled_from(SPELLINGS), data=st.data())
def test_every_spelling_is_found_however_it_is_written(
    place: tuple[str, str, str], data: st.DataObject
) -> None:
    name, word, spelling = place
    assert LISTS[name].word(data.draw(written_otherwise(spelling))) == word


@given(place=st.sampled_from(SPELLINGS), data=st.data())
def test_what_stands_around_a_place_makes_no_other_place_of_it(
    place: tuple[str, str, str], data: st.DataObject
) -> None:
    name, word, spelling = place
    before = data.draw(st.sampled_from(["", *LISTS[name].before]))
    after = data.draw(st.sampled_from(["", *LISTS[name].after]))
    dressed = data.draw(written_otherwise(f"{before} {spelling} {after}".strip()))
    assert LISTS[name].word(dressed) == word


@pytest.mark.parametrize(
    "before", ["LB", "L.B.", "L. B.", "London Borough of", "Royal Borough of", "RB", "City of"]
)
def test_every_borough_is_found_behind_what_it_is(before: str) -> None:
    for word in BOROUGHS.words:
        assert BOROUGHS.word(f"{before} {word}") == word


def test_no_two_places_have_a_spelling_that_is_the_same_when_folded() -> None:
    means: dict[tuple[str, str], set[str]] = {}
    for name, word, spelling in SPELLINGS:
        means.setdefault((name, folded(spelling)), set()).add(word)
    assert {key: words for key, words in means.items() if len(words) > 1} == {}


@given(
    place=st.sampled_from(SPELLINGS),
    foreign=st.text(string.ascii_lowercase, min_size=1, max_size=8),
    at=st.integers(0, 5),
)
def test_a_word_more_that_nobody_listed_makes_a_place_unknown(
    place: tuple[str, str, str], foreign: str, at: int
) -> None:
    name, _, spelling = place
    words = folded(spelling).split()
    words.insert(min(at, len(words)), f"zq{foreign}")
    assert LISTS[name].word(" ".join(words)) is None


@given(text=st.text(max_size=25), name=st.sampled_from(sorted(LISTS)))
def test_a_text_that_holds_no_spelling_is_unknown(text: str, name: str) -> None:
    if LISTS[name].word(text) is not None:
        assert any(key in folded(text) for key in KEYS[name])


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_slip_in_the_name_of_a_place_makes_no_other_place_of_london_of_it(name: str) -> None:
    for word in LISTS[name].words:
        first = len(word.removesuffix("Magistrates' Court"))
        for at, letter in product(range(first), ["", *string.ascii_lowercase]):
            slip = f"{word[:at]}{letter}{word[at + 1 :]}"
            assert LISTS[name].word(slip) in (None, word, OUTSIDE), slip


def test_an_unknown_text_is_no_place_in_either_list() -> None:
    for text in ("Atlantis", "14 Zephyrquill Road E14 9XX", "London", "Lambeth or Southwark", "0"):
        assert [places.word(text) for places in LISTS.values()] == [None, None]


@pytest.mark.parametrize(
    "spoiled",
    [
        {"words": {"One": ["Two"], "Two": []}},
        {"words": {"One": ["same"], "Two": ["SAME"]}},
        {"words": {"One": ["LB Two"], "Two": []}, "before": ["LB"]},
        {"words": {"One": ["Two Council"], "Two": []}, "after": ["Council"]},
        {"words": {"A Court": ["B Ct"], "B Court": []}, "endings": {"Court": ["Ct"]}},
        {"words": {"A Court": [], "A House": []}, "endings": {"Court": ["C"], "House": ["C"]}},
        {"words": {"One": []}, "before": ["'"]},
        {"words": {"One": []}, "endings": {"One": ["-"]}},
    ],
    ids=str,
)
def test_a_list_in_which_a_text_means_two_places_or_nothing_is_refused(
    spoiled: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"; (keep one|take)"):
        WordList.model_validate({"other": "Not known to us", **spoiled})
