"""The lists of words: which texts mean which word, and that a table can print every word."""

from __future__ import annotations

from itertools import product

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.vocabulary import FORMULA_STARTS, Vocabulary, WordList, folded
from safer_streets_assets.policy.words import words_of

ROUND = ["{}", " {} ", "\u200b{}", "{}\u200e", "\ufeff{}", "{}.", "\u00a0{}\u00a0", "\t{}"]
LETTERS = [str, str.upper, str.lower, str.title]
BLANKS = [" ", "  ", "\u00a0", "\t", "-", "\u2010", "\u2011", "\u2013", "\u2009", " \u200b"]
APOSTROPHES = ["'", "\u2019", "\u2018", "`", "\u00b4", ""]


@pytest.mark.parametrize("name", ["boroughs", "courts", "sentences"])
def test_case_blanks_hyphens_quotes_and_what_shows_nothing_make_no_difference(
    policy: Policy, name: str
) -> None:
    words = policy.word_lists[name]
    for word, frame, letters in product(words.words, ROUND, LETTERS):
        for blank in BLANKS:
            assert words.word(frame.format(letters(word).replace(" ", blank))) == word
        for apostrophe in APOSTROPHES:
            assert words.word(frame.format(letters(word)).replace("'", apostrophe)) == word


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("boroughs", "LB Lambeth", "Lambeth"),
        ("boroughs", "L.B. of Lambeth", "Lambeth"),
        ("boroughs", "Lambeth (LB)", "Lambeth"),
        ("boroughs", "London Borough of Tower Hamlets", "Tower Hamlets"),
        ("boroughs", "Royal Borough of Kingston-upon-Thames", "Kingston upon Thames"),
        ("boroughs", "Hammersmith & Fulham", "Hammersmith and Fulham"),
        ("boroughs", "City of Westminster", "Westminster"),
        ("boroughs", "City of London", "City of London"),
        ("boroughs", "London Borough of Lambeth Council", "Lambeth"),
        ("boroughs", "London", None),
        ("boroughs", "14 Zephyrquill Road E14 9XX", None),
        ("boroughs", "Lambeth or Southwark", None),
        ("boroughs", "Outside London", "Outside London"),
        ("boroughs", "NFA", "Borough not known"),
        ("courts", "THAMES MAGS CT", "Thames Magistrates' Court"),
        ("courts", "Thames Magistrates`Court", "Thames Magistrates' Court"),
        ("courts", "The Crown Court at Snaresbrook", "Snaresbrook Crown Court"),
        ("courts", "Croydon", None),
        ("courts", '=HYPERLINK("http://127.0.0.1/","x")', None),
        ("sentences", "SSO", "Suspended Sentence Order"),
        ("sentences", "Community Order with RAR", "Community Order"),
        ("sentences", "Community Order - rang mum 07700 900123", None),
    ],
)
def test_a_text_is_a_word_under_a_spelling_of_it_or_no_word(
    policy: Policy, name: str, text: str, word: str | None
) -> None:
    assert policy.word_lists[name].word(text) == word


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "NULL", "n/a", "N.A.", "-", "--", ".", "?", "TBC"]
)
def test_a_placeholder_is_nothing(policy: Policy, text: str) -> None:
    assert policy.vocabulary.is_missing(text)


@pytest.mark.parametrize("text", ["Lambeth", "Fine", "0", "A", "Nathan", "Vacantia"])
def test_a_word_is_not_nothing(policy: Policy, text: str) -> None:
    assert not policy.vocabulary.is_missing(text)


def test_no_placeholder_is_a_word_of_a_list(policy: Policy) -> None:
    for words in policy.word_lists.values():
        assert not [word for word in words.printed if policy.vocabulary.is_missing(word)]


def test_no_word_of_any_dimension_begins_as_a_formula(policy: Policy) -> None:
    for name in policy.tables.dimensions:
        for word in words_of(policy, name).listed:
            assert not word.startswith(FORMULA_STARTS)


def test_every_category_that_comes_from_the_data_is_listed_or_made_of_digits(
    policy: Policy,
) -> None:
    made = {name: words_of(policy, name) for name in policy.tables.dimensions}
    of_digits = {"month", "row_month", "offence", "case_category"}
    assert {name for name, words in made.items() if words.shapes} == of_digits
    assert all(words.listed > {"Total"} or words.shapes for words in made.values())


def test_every_borough_of_an_area_is_a_word_of_the_boroughs(policy: Policy) -> None:
    [area] = policy.tables.hierarchies["borough"].levels
    members = {borough for own in area.groups.values() for borough in own}
    assert {*members, *area.in_rest} == policy.word_lists["boroughs"].words.keys()


def test_folding_twice_changes_nothing(policy: Policy) -> None:
    for words in policy.word_lists.values():
        for word in words.printed:
            assert folded(folded(word)) == folded(word)


@pytest.mark.parametrize(
    "words",
    [
        {"One": ["same"], "Other": ["SAME"]},
        {"=One": []},
        {"-One": []},
        {"Total": []},
        {"One": ["..."]},
    ],
)
def test_words_that_cannot_be_told_apart_or_printed_are_a_mistake(
    words: dict[str, list[str]],
) -> None:
    with pytest.raises(ValueError, match=r"spelling|print"):
        WordList(other="None of them", words=words)


def test_the_vocabulary_is_loaded_with_the_policy(policy: Policy) -> None:
    assert isinstance(policy.vocabulary, Vocabulary)
