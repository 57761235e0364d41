"""Whose quotes are not printed: people who have objected, whatever was decided about it.

A quote rests on consent, which an objection takes back.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.cohort.person import objected_under, people_meant
from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.records import Quote


def objected_quotes(
    connection: duckdb.DuckDBPyConnection, policy: Policy, quotes: list[Quote]
) -> frozenset[str]:
    """The ids of those of some quotes whose person has objected, under any CRN that is or may be
    theirs; what is attached of the restricted store counts."""
    meant = people_meant(connection, policy)
    same: dict[str, set[str]] = {}
    for sent, person in meant.items():
        same.setdefault(person, {person}).add(sent)
    found = set()
    for quote in quotes:
        if quote.crn_key is None:
            continue
        person = meant.get(quote.crn_key, quote.crn_key)
        crns = {quote.crn_key, *same.get(person, {person})}
        if objected_under(connection, crns):
            found.add(quote.quote_id)
    return frozenset(found)
