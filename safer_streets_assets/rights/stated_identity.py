"""What a row states about who it is about, to hold it against the rows that say who is a person.

The rules are those of the review of near-miss CRNs: two rows contradict each other when both state
a field of `cohort.same_person` and it differs, or when a date of the row that is none of these lies
before the day from which on the person is in the programme. Here, where a mistake hands somebody's
data to another person, the field that is certain must be stated and be the same besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from safer_streets_assets.intake.anonymity import plain_words
from safer_streets_assets.intake.fields import field_sql
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.policy.vocabulary import folded
from safer_streets_assets.rights.answer_parts import TextRow
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text


@dataclass(frozen=True)
class Facts:
    """What a row states, by field: None where it states nothing. `certain` is the field that has
    to be stated. The repr holds nothing of it."""

    stated: Mapping[str, str | date | None]
    certain: str
    first_date: date | None

    def __repr__(self) -> str:
        return "Facts()"

    def fit(self, known: Facts) -> bool:
        """Whether nothing contradicts a row of the source of people, and both state the same of
        what is certain."""
        for name, one in self.stated.items():
            other = known.stated[name]
            if one is not None and other is not None and one != other:
                return False
        dates = (self.first_date, known.first_date)
        if dates[0] is not None and dates[1] is not None and dates[0] < dates[1]:
            return False
        return self.stated[self.certain] is not None and known.stated[self.certain] is not None


def facts_of(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source: Source, row: TextRow
) -> Facts:
    """What a row of a source states, as sent; the parsing macros are defined."""
    rules = policy.dpia.cohort.same_person
    fields = {field.name: field for field in source.fields}
    # A CRN plays no part here, and its value is no function of the text in SQL.
    names = [name for name, field in fields.items() if field.kind != "crn"]
    texts = ", ".join(f"?::VARCHAR AS {quoted_name(name)}" for name in names)
    stated = [_stated(fields.get(name), policy) for name in rules.compared]
    dates = [
        f"({field_sql(field, policy).value})::DATE"
        for field in source.fields
        if field.kind in ("date", "timestamp") and field.name not in rules.compared
    ]
    first = f"least({', '.join(dates)})" if dates else "NULL"
    values = one_row(
        connection,
        f"SELECT {', '.join(stated)}, {first} FROM (SELECT {texts}) AS sent",
        [row.get(name) for name in names],
    )
    *found, first_date = values
    meant = {
        name: _word(value, fields.get(name), policy) if isinstance(value, str) else value
        for name, value in zip(rules.compared, found, strict=True)
    }
    return Facts(meant, rules.certain, first_date)


def _word(text: str, field: AgreedField | None, policy: Policy) -> str | None:
    """What a text states: the word that it means, of one that is read as a word of a list. An
    unknown text is a word of its own, so that it contradicts: here nobody looks at it."""
    if policy.vocabulary.is_missing(text):
        return None
    if field is None or field.words is None:
        return text
    return policy.word_lists[field.words].word(text) or folded(text)


def own_names(rows_by_source: Iterable[tuple[Source, TextRow]]) -> set[frozenset[str]]:
    """The names that rows give the person they are about, each as the set of its words."""
    names = set()
    for source, row in rows_by_source:
        for field in source.fields:
            text = row.get(field.name)
            if is_own_name(field) and text:
                names.add(frozenset(plain_words(text)))
    return names


def is_own_name(field: AgreedField) -> bool:
    """Whether a field is the name of the person whom its row is about."""
    identifies = field.field_class == "direct identifier" and field.kind == "text"
    return identifies and not field.names_others


def _stated(field: AgreedField | None, policy: Policy) -> str:
    """A value, or NULL where the source has no such field or it says that it is not known."""
    if field is None:
        return "NULL"
    value = field_sql(field, policy).value
    unknown = policy.dpia.unknown_codes.get(field.codes or "", [])
    listed = ", ".join(quoted_text(code) for code in unknown)
    return f"CASE WHEN ({value}) NOT IN ({listed}) THEN ({value}) END" if unknown else f"({value})"
