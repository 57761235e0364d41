"""CRNs: normalised in every spelling, never guessed, and found wherever they stand in a text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.crn import (
    holds_crn,
    holds_this_crn,
    in_text_sql,
    normalise_crn,
    written_pattern,
)
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets_tests.builders import shipped_policy

NUMBER = shipped_policy().dpia.person_number

CRNS = st.builds(
    "{}{:06}".format, st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), st.integers(0, 999_999)
)
DROPPED = st.text(st.sampled_from(" \t\u00a0\u2009\u202f.-\u2010\u2011\u2013"), max_size=2)
WIDE = {ord(c): ord(c) + 0xFEE0 for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}


@st.composite
def spelt(draw: st.DrawFn) -> tuple[str, str]:
    """A CRN, and a way to write it that drops.md allows."""
    crn = draw(CRNS)
    written = "".join(draw(DROPPED) + letter for letter in crn) + draw(DROPPED)
    written = written.lower() if draw(st.booleans()) else written
    return crn, written.translate(WIDE) if draw(st.booleans()) else written


@settings(max_examples=300, deadline=None, derandomize=True)
@given(spelt())
def test_every_spelling_of_a_crn_is_the_same_crn(pair: tuple[str, str]) -> None:
    crn, written = pair
    assert normalise_crn(written) == crn
    assert NUMBER.fits(normalise_crn(written))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CRNS)
def test_a_normalised_crn_is_left_as_it_is(crn: str) -> None:
    assert normalise_crn(crn) == crn


@pytest.mark.parametrize(
    "text",
    ["", "A12345", "A1234567", "AA123456", "1A23456", "A12B456",
     "A\u0661\u0662\u0663\u0664\u0665\u0666", "É123456", "\u0391123456",
     "\u0410123456", "A_123456", "A123456/1", "A12345O", "A123\u200b456", "UNKNOWN", "12345678"],
)  # fmt: skip
def test_what_is_not_a_letter_and_six_digits_stays_malformed(text: str) -> None:
    assert not NUMBER.fits(normalise_crn(text))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CRNS, st.integers(0, 6), st.characters(codec="utf-8"))
def test_a_crn_one_character_off_is_never_put_right(crn: str, at: int, wrong: str) -> None:
    written = crn[:at] + wrong + crn[at + 1 :]
    found = normalise_crn(written)
    assert found != crn or normalise_crn(wrong) == crn[at]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    spelt(), st.sampled_from(["", "ask ", "(", "re: "]), st.sampled_from(["", " again", ").", ","])
)
@example(("A123456", "A123\u2010456"), "", "")
@example(("A123456", "A123  456"), "", "")
def test_every_spelling_of_a_crn_is_found_in_a_text(
    pair: tuple[str, str], before: str, after: str
) -> None:
    assert holds_crn(f"{before}{pair[1]}{after}", NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        "A100,001",
        "A_100001",
        "A_100_001",
        "A: 100001",
        "CRNA100001 came",
        "crn a100001",
        "A\u200b100\u200d001",
        "A\u00ad100001",
        "A100\u2060 001",
        "\u0410100001",
        "\u0391 100 001",
    ],
)
def test_a_crn_is_found_among_characters_that_show_nothing_and_in_figures_with_a_comma(
    text: str,
) -> None:
    assert holds_crn(text, NUMBER)
    assert holds_this_crn(text, "A100001", NUMBER)
    assert not holds_this_crn(text, "A100002", NUMBER)


@pytest.mark.parametrize(
    "text",
    ["Q1, 2, 3, 4, 5, 6", "a 100,000 pounds", "ABCRNA100001", "\u00a3100,001", "", "Case studies",
     "CS01", "07700 900123", "COVID19 2020", "ABC123456", "A1234567",
     "session 6 of 12", "01/10/2019", "B 52"],
)  # fmt: skip
def test_what_is_no_crn_is_not_taken_for_one(text: str) -> None:
    assert not holds_crn(text, NUMBER)


def test_compatibility_forms_are_what_nfkc_makes_of_them() -> None:
    assert normalise_crn("\uff21" + "１２３４５６") == "A123456"  # noqa: RUF001
    assert normalise_crn(unicodedata.lookup("KELVIN SIGN") + "123456") == "K123456"


@pytest.mark.parametrize(
    ("form", "words", "written", "others"),
    [
        (
            "AA00000",
            "two letters and five digits",
            ["wk 10-037", "WK10,037"],
            ["K10037", "WKX10037"],
        ),
        ("0000000", "seven digits", ["12 34567", "1234,567"], ["123456", "12345678"]),
        ("00000A", "five digits and one letter", ["12345 b"], ["12345BC", "12345"]),
        (
            "A00A000",
            "one letter, two digits, one letter and three digits",
            ["x12y345"],
            ["X123345"],
        ),
    ],
)
def test_a_number_of_another_form_is_told_and_found_by_that_form(
    form: str, words: str, written: list[str], others: list[str]
) -> None:
    number = PersonNumber(called="Case number", at_length="Number of a case", form=form)
    assert number.in_words == words
    for text in written:
        assert holds_crn(f"see {text}, please", number)
        assert holds_crn(f"see case number{text}", number)
        plain = text.replace(",", "")
        assert number.fits(normalise_crn(plain))
        assert written_pattern(number).search(f"see {plain}.")
        assert re.search(in_text_sql(number), f"see {plain}.")
    for text in others:
        assert not holds_crn(f"see {text}.", number)
        assert not number.fits(normalise_crn(text))
