"""Whether a text names somebody E&I holds: surely, perhaps, or not.

A text names a person surely when the surname and a forename stand in it (middle names left out),
or the surname alone. Hyphens, apostrophes, accents and blanks within a name make no difference.
It names a person perhaps when all that stands in it is part of a double surname, the first word of
a name that does not say which of its words is the surname, or a surname that is also a common word
or a word of the policy, that is short, or that stands all over the file. What an operator decided
about such a text (`name_decisions`) holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import duckdb

from safer_streets_assets.intake.anonymity import plain_words
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.misplaced_values import LEAST_LETTERS, held_names, names_somebody
from safer_streets_assets.intake.name_decisions import NameDecisions, name_decisions
from safer_streets_assets.intake.name_forms import (
    LEAST_APART,
    PARTICLES,
    Forms,
    Name,
    first_words,
    forms_of,
    parsed_name,
    spellings_of,
    without_additions,
)
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

MANY_ROWS = 10
"""In fewer rows than these a surname does not stand all over a file."""
LEAST_TOGETHER = 7
"""A forename and a surname of fewer letters than these together stand in other words by chance."""


@dataclass(frozen=True)
class NamesFound:
    """What a text holds: whether it names somebody surely, the words that perhaps do, those of them
    that are parts of a double surname, and surnames alone in it."""

    surely: bool
    perhaps: frozenset[str] = field(repr=False)
    alone: frozenset[str] = field(repr=False)
    parts: frozenset[str] = field(repr=False, default=frozenset())


class PeopleHeld:
    """The people whose names E&I holds, to be found in texts."""

    def __init__(self, names: Iterable[str], words: Collection[str]) -> None:
        """Takes names as they arrived, and words that are not surely anybody's name."""
        self._words = words
        self._by_surname: dict[str, list[Name]] = {}
        self._by_part: dict[str, list[Name]] = {}
        self._first_words: set[str] = set()
        for text in {form for name in names for form in spellings_of(without_additions(name))}:
            name = parsed_name(text)
            if name is None:
                continue
            self._first_words |= first_words(text)
            self._by_surname.setdefault(name.surname, []).append(name)
            if len(name.surname_words) > 1:
                for word in name.surname_words:
                    self._by_part.setdefault(word, []).append(name)

    def found_in(self, text: str) -> NamesFound:
        """What of the names a text holds."""
        words = forms_of(text)
        found = _Findings()
        for form in words.single & self._by_surname.keys():
            self._add(found, self._by_surname[form], form, words, len(form) >= LEAST_LETTERS)
        for form in words.families & self._by_surname.keys():
            self._add(found, self._by_surname[form], form, words, len(form) >= LEAST_APART)
        for form in (words.runs.keys() & self._by_surname.keys()) - words.single:
            self._add_run(found, form, words)
        for form in words.single & self._by_part.keys():
            if any(name.forenames & words.single for name in self._by_part[form]):
                found.surely = True
            elif len(form) >= LEAST_LETTERS and form not in self._words:
                found.parts.add(form)
        found.perhaps |= found.parts | {
            form
            for form in words.single & self._first_words
            if len(form) >= LEAST_LETTERS and form not in self._words
        }
        own = found.perhaps - found.alone
        return NamesFound(
            found.surely, frozenset(own), frozenset(found.alone), frozenset(found.parts & own)
        )

    def written_together_in(self, word: str) -> bool:
        """Whether a word, in lower case, is or holds a forename and its surname without anything
        between them, in either order."""
        for begin in range(len(word) - LEAST_TOGETHER + 1):
            for end in range(begin + LEAST_TOGETHER, len(word) + 1):
                if self._is_together(word[begin:end]):
                    return True
        return False

    def _is_together(self, text: str) -> bool:
        halves = ((text[:at], text[at:]) for at in range(2, len(text) - 1))
        return any(
            any(forename in name.forenames for name in self._by_surname.get(surname, ()))
            for one, other in halves
            for forename, surname in ((one, other), (other, one))
        )

    def _add(
        self, found: _Findings, names: Sequence[Name], form: str, words: Forms, is_long: bool
    ) -> None:
        """Adds what a surname of these names says that stands in a text as a form of it."""
        if any(name.forenames & words.single for name in names):
            found.surely = True
        elif form in self._words or not is_long:
            found.perhaps.add(form)
        else:
            found.alone.add(form)

    def _add_run(self, found: _Findings, form: str, words: Forms) -> None:
        """Adds a surname that several words of a text make. Two words that make a surname of one
        are often only words, unless the first is a part of surnames, as Mc."""
        names = self._by_surname[form]
        double = [name for name in names if len(name.surname_words) > 1]
        if double or words.runs[form] in PARTICLES:
            self._add(found, double or names, form, words, len(form) >= LEAST_LETTERS)
        elif any(name.forenames & words.single for name in names):
            found.surely = True
        elif len(form) >= LEAST_APART:
            found.perhaps.add(form)


@dataclass
class _Findings:
    """What was found so far in a text. The repr holds nothing of it."""

    surely: bool = False
    perhaps: set[str] = field(default_factory=set, repr=False)
    alone: set[str] = field(default_factory=set, repr=False)
    parts: set[str] = field(default_factory=set, repr=False)


@dataclass(frozen=True)
class Doubt:
    """A cell that perhaps names somebody: its column, its row number, and the words in doubt."""

    column: str
    row_number: int
    words: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class JudgedRows:
    """Row numbers of anonymous material that name somebody, and the cells of others that perhaps
    do."""

    naming: frozenset[int]
    perhaps: tuple[Doubt, ...]


def judge_rows(
    columns: Mapping[str, Sequence[str | None]],
    row_numbers: Sequence[int],
    people: PeopleHeld,
    policy: Policy,
    decisions: NameDecisions,
) -> JudgedRows:
    """Holds every cell of some rows against CRNs, the names held, and what operators decided.

    A surname alone that stands in more rows than a file may have bad ones is no longer sure. What
    an operator said is no name is none while it stands alone; beside a forename of it, it is one.
    """
    naming: set[int] = set()
    seen: list[tuple[str, int, NamesFound, frozenset[str]]] = []
    for column, texts in columns.items():
        for number, text in zip(row_numbers, texts, strict=True):
            if text is None:
                continue
            found = people.found_in(text)
            if found.surely or holds_crn(text):
                naming.add(number)
            elif doubted := found.alone | found.perhaps:
                if decisions.is_name(column, text, doubted):
                    naming.add(number)
                seen.append((column, number, found, decisions.refused(column, text, doubted)))
    rows = Counter(
        name for name, _ in {(name, number) for _, number, found, _ in seen for name in found.alone}
    )
    most = max(MANY_ROWS, policy.dpia.intake.maximum_bad_row_share * len(row_numbers))
    clear = {name for name, count in rows.items() if count <= most}
    naming |= {number for _, number, found, refused in seen if (found.alone - refused) & clear}
    perhaps = (
        Doubt(column, number, (found.alone | found.perhaps) - refused)
        for column, number, found, refused in seen
        if number not in naming
    )
    doubts = sorted((d for d in perhaps if d.words), key=lambda d: (d.column, d.row_number))
    return JudgedRows(frozenset(naming), tuple(doubts))


def people_held(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    texts: Iterable[str | None],
    others: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> PeopleHeld:
    """The people named in the raw tables, as far as some texts may name them.

    The restricted store is attached; `others` are further tables or views, with their columns that
    name people. A placeholder, or a word of the policy such as a borough, is no name.
    """
    forms: set[str] = set()
    for text in {text for text in texts if text}:
        words = forms_of(text)
        forms |= words.single | words.families | words.runs.keys()
    listed = ", ".join(quoted_text(form) for form in sorted(forms))
    names: set[str] = set()
    for table, columns in {**held_names(policy), **others}.items() if forms else ():
        for column in columns:
            name = quoted_name(column)
            plain = f"lower(strip_accents({name}))"
            kept = f"regexp_replace({plain}, '[^\\p{{L}}\\s,]', '', 'g')"
            together = f"regexp_replace(split_part({plain}, ',', 1), '[^\\p{{L}}]', '', 'g')"
            # A first look leaves few of a million names; letters that fold otherwise pass it.
            rows = connection.execute(
                f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL AND ("
                f"strlen({name}) <> length({name}) OR list_has_any([{listed}], "
                f"regexp_extract_all({plain}, '\\p{{L}}+') || "
                f"regexp_extract_all({kept}, '\\p{{L}}+') || [{together}]))"
            ).fetchall()
            names |= {text for (text,) in rows if names_somebody(text, policy)}
    return PeopleHeld(names, words_of_policy(policy))


def identifying_rows(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str, drop: ReadDrop
) -> set[int]:
    """Row numbers of a drop of a source in which a cell holds a CRN or surely names somebody held;
    none where the source is not anonymous. The restricted store and the registers are attached."""
    if not policy.sources[name].anonymous:
        return set()
    texts = (text for column in drop.columns.values() for text in column)
    people = people_held(connection, policy, texts)
    decisions = name_decisions(connection, name)
    return set(judge_rows(drop.columns, drop.row_numbers, people, policy, decisions).naming)


def words_of_policy(policy: Policy) -> frozenset[str]:
    """Words that are not surely anybody's name: those of the policy, and common ones."""
    own = (word for text in policy.own_words for word in plain_words(text))
    return frozenset(own) | {word.casefold() for word in policy.vocabulary.common_words}
