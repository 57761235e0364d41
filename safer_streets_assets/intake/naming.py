"""Whether a row of anonymous material names somebody E&I holds: surely, perhaps, or not.

What a text holds says `people_held`; a surname that stands all over a file is no longer sure, and
what a person decided about a text (`name_decisions`) holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import duckdb
import pandas as pd

from safer_streets_assets.intake.anonymity import plain_words
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.misplaced_values import held_names, names_somebody
from safer_streets_assets.intake.name_decisions import NameDecisions, name_decisions
from safer_streets_assets.intake.name_forms import forms_of
from safer_streets_assets.intake.name_slips import LEAST_SLIP, without_each_letter
from safer_streets_assets.intake.people_held import NamesFound, PeopleHeld
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

MANY_ROWS = 10
"""In fewer rows than these a surname does not stand all over a file."""


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
            if found.surely or holds_crn(text, policy.dpia.person_number):
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
    names: set[str] = set()
    held = " UNION ALL ".join(
        f"SELECT {quoted_name(column)} AS name FROM {table}"
        for table, columns in {**held_names(policy), **others}.items()
        for column in columns
    )
    if forms and held:
        _look_for(connection, forms, policy)
        query = read_sql("intake", "names_that_may_stand")
        rows = connection.execute(
            query.format(column="name", table=f"({held})", least_slip=LEAST_SLIP)
        ).fetchall()
        names = {text for (text,) in rows if names_somebody(text, policy)}
    return PeopleHeld(
        names,
        words_of_policy(policy),
        policy.vocabulary.names.forms,
        words_without_slips(policy),
    )


def _look_for(connection: duckdb.DuckDBPyConnection, forms: set[str], policy: Policy) -> None:
    """Puts the words that a name may have to stand in some texts into temporary tables: forms of
    the texts with what forenames among them are used for, and what they are one slip away from."""
    used = policy.vocabulary.names.forms
    words = forms | {other for form in forms for other in used.get(form, ())}
    rests = {
        rest for word in forms if len(word) >= LEAST_SLIP for rest in without_each_letter(word)
    }
    for table, values in (("words_looked_for", words), ("rests_looked_for", rests)):
        frame = pd.DataFrame({"word": pd.Series(sorted(values), dtype=object)})
        write_frame(connection, table, frame, {"word": "VARCHAR"}, temporary=True)


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


def words_without_slips(policy: Policy) -> frozenset[str]:
    """Words of the language, which are no slips in somebody's name."""
    vocabulary = policy.vocabulary
    lists = (vocabulary.ordinary_words, vocabulary.heading_words, vocabulary.names.also_words)
    plain = {word.casefold() for listed in lists for word in listed}
    return frozenset(plain.union(vocabulary.names.plain_words))
