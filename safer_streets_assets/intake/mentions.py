"""Where a text names people: the words that are, or may be, names that E&I holds.

It is the matcher of `naming`, asked for places. A given name counts as well as a surname, and what
is in doubt counts: a name is rather masked once too often. An ordinary word is a name where it is
written as one (`name_context`), or beside the rest of somebody's name. Middle names and initials
beside a name belong to it, and so does whatever stands behind a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from safer_streets_assets.intake.name_context import Language, Surroundings
from safer_streets_assets.intake.name_forms import (
    LEAST_APART,
    PARTICLES,
    Token,
    placed_forms,
    tokens_of,
)
from safer_streets_assets.intake.people_held import PeopleHeld

_LEAST_LETTERS = 3
_APOSTROPHES = ("'", "\u2019")
_SHORTENED = ("ll", "ve", "re", "m", "d")
_MOST_BETWEEN = 2
"""Middle names or initials between a forename and a surname, or beside a name."""
_WITHIN_A_NAME = re.compile(r"\s*[.,]?\s*|[-\u2010-\u2015'\u2019]")
_BLANK = re.compile(r"\.?[^\S\n]+|[-\u2010-\u2015'\u2019]")
_HYPHEN = re.compile(r"[-\u2010-\u2015]")
_TOGETHER = re.compile(r"[\s.\-\u2010-\u2015'\u2019]{0,3}")


@dataclass(frozen=True)
class Mention:
    """A place of a text that names somebody, surely or in doubt, with its words."""

    start: int
    end: int
    is_sure: bool
    words: frozenset[str] = field(repr=False)


@dataclass
class _Piece:
    """What may be a name, or a part of one: from one word to before another. `surnames` and `given`
    are what it may be; in `is_ordinary` it is a word as well."""

    begin: int
    end: int
    surnames: tuple[str, ...] = field(repr=False)
    given: tuple[str, ...] = field(repr=False)
    is_ordinary: bool
    has_slip: bool
    is_name: bool = False
    is_sure: bool = False


def mentions_in(text: str, people: PeopleHeld, language: Language) -> list[Mention]:
    """The places of a text that name somebody whose name is held, or may, in their order."""
    tokens = tokens_of(text)
    if not tokens:
        return []
    around = Surroundings(text, tokens, language)
    pieces = [*_exact(text, tokens, people, language), *_slips(text, tokens, people, language)]
    for piece in pieces:
        _judge(piece, around)
    spans = [*_pairs(pieces, around, people), *_behind_titles(around)]
    spans += [(one.begin, one.end, one.is_sure) for one in pieces if one.is_name]
    placed = sorted(_extended(span, around) for span in spans)
    return list(_merged(placed, around))


def _exact(
    text: str, tokens: list[Token], people: PeopleHeld, language: Language
) -> Iterator[_Piece]:
    """Forms of the text that are names as they stand there."""
    for one in placed_forms(text, tokens):
        is_surname, is_given = people.is_surname(one.form), people.is_given(one.form)
        if not is_surname and not is_given:
            continue
        own = [token.word for token in tokens[one.begin : one.end]]
        ordinary = all(word in language.ordinary for word in own)
        if one.kind == "run":
            if ordinary or not people.is_written_apart(one.form, one.first):
                continue
        elif one.kind == "family":
            if one.first in language.ordinary or len(one.form) < LEAST_APART:
                continue
        else:
            ordinary = one.form in language.ordinary
        if _is_short_for_not(text, tokens, one.end, ordinary=ordinary):
            continue
        yield _Piece(
            one.begin,
            one.end,
            (one.form,) if is_surname else (),
            (one.form,) if is_given else (),
            ordinary,
            has_slip=False,
        )


def _is_short_for_not(text: str, tokens: list[Token], end: int, *, ordinary: bool) -> bool:
    """Whether what stands before a word is the first half of one: don't, and of ordinary words
    I'll and they're as well."""
    if end >= len(tokens) or text[tokens[end - 1].end : tokens[end].start] not in _APOSTROPHES:
        return False
    return tokens[end].word == "t" or (ordinary and tokens[end].word in _SHORTENED)


def _slips(
    text: str, tokens: list[Token], people: PeopleHeld, language: Language
) -> Iterator[_Piece]:
    """Words that are a name but for a typing slip or a blank between forename and surname."""
    for at, token in enumerate(tokens):
        word = token.word
        if word in language.ordinary or people.is_surname(word) or people.is_given(word):
            continue
        if _is_short_for_not(text, tokens, at + 1, ordinary=False):
            continue
        surnames, given = people.with_a_slip(word)
        if surnames or given:
            yield _Piece(at, at + 1, surnames, given, is_ordinary=False, has_slip=True)
        elif people.is_written_together(word):
            yield _Piece(at, at + 1, (), (), is_ordinary=False, has_slip=False)


def _judge(piece: _Piece, around: Surroundings) -> None:
    """Whether a piece is a name on its own."""
    length = sum(len(around.tokens[at].word) for at in range(piece.begin, piece.end))
    capital = around.has_capital(piece.begin)
    if piece.has_slip:
        piece.is_name = capital
    elif piece.is_ordinary:
        piece.is_name = around.is_a_name(piece.begin, piece.end)
    elif length < _LEAST_LETTERS:
        piece.is_name = capital or around.is_a_name(piece.begin, piece.end)
    else:
        piece.is_name = piece.is_sure = True


def _pairs(
    pieces: list[_Piece], around: Surroundings, people: PeopleHeld
) -> Iterator[tuple[int, int, bool]]:
    """A given name and a surname beside each other, in either order: of one person, or both written
    as names."""
    begins: dict[int, list[_Piece]] = {}
    for piece in pieces:
        begins.setdefault(piece.begin, []).append(piece)
    for first in pieces:
        for begin in range(first.end, min(first.end + _MOST_BETWEEN, len(around.tokens)) + 1):
            if begin > first.end and not _is_between(begin - 1, around):
                break
            if begin > first.end and not _WITHIN_A_NAME.fullmatch(around.gap(begin - 2)):
                break
            for second in begins.get(begin, ()):
                if _WITHIN_A_NAME.fullmatch(around.gap(begin - 1)) and _is_one(
                    first, second, around, people
                ):
                    yield first.begin, second.end, True


def _is_between(at: int, around: Surroundings) -> bool:
    """Whether a word may be a middle name, an initial or the other half of a double name."""
    if not around.has_capital(at):
        return False
    word = around.tokens[at].word
    if word not in around.language.ordinary or word in around.language.forenames:
        return True
    is_initial = len(word) == 1 and around.gap(at).startswith(".")
    beside = (around.gap(at), around.gap_before(at))
    return is_initial or any(_HYPHEN.fullmatch(gap) for gap in beside)


def _is_one(first: _Piece, second: _Piece, around: Surroundings, people: PeopleHeld) -> bool:
    if people.are_of_one(first.given, second.surnames) or people.are_of_one(
        second.given, first.surnames
    ):
        return True
    is_a_pair = (first.given and second.surnames) or (first.surnames and second.given)
    capitals = around.has_capital(first.begin) and around.has_capital(second.begin)
    return bool(is_a_pair) and capitals and not around.capitals_say_nothing


def _behind_titles(around: Surroundings) -> Iterator[tuple[int, int, bool]]:
    """What stands behind a title with a capital, held or not."""
    for at in range(len(around.tokens)):
        if around.has_capital(at) and around.has_title(at):
            yield at, at + 1, False


def _extended(span: tuple[int, int, bool], around: Surroundings) -> tuple[int, int, bool]:
    """A name with the given names, initials and other names beside it."""
    begin, end, is_sure = span
    for _ in range(_MOST_BETWEEN):
        at = begin - 1
        if at < 0 or not _BLANK.fullmatch(around.gap(at)):
            break
        if not _is_between(at, around) and around.tokens[at].word not in PARTICLES:
            break
        begin = at
    if around.capitals_say_nothing:
        return begin, end, is_sure
    for _ in range(_MOST_BETWEEN):
        if end >= len(around.tokens) or not _BLANK.fullmatch(around.gap(end - 1)):
            break
        if not _is_between(end, around) or around.begins_a_sentence(end):
            break
        end += 1
    return begin, end, is_sure


def _merged(placed: list[tuple[int, int, bool]], around: Surroundings) -> Iterator[Mention]:
    """Places that overlap, or stand beside each other, as one."""
    merged: list[tuple[int, int, bool]] = []
    for begin, end, is_sure in placed:
        if merged and (
            begin < merged[-1][1]
            or (begin == merged[-1][1] and _TOGETHER.fullmatch(around.gap(begin - 1)))
        ):
            first, last, was_sure = merged[-1]
            merged[-1] = (first, max(last, end), was_sure or is_sure)
        else:
            merged.append((begin, end, is_sure))
    for begin, end, is_sure in merged:
        own = around.tokens[begin:end]
        words = frozenset(token.word for token in own)
        yield Mention(own[0].start, own[-1].end, is_sure, words)
