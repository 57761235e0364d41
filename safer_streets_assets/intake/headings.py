"""Headings of columns that were left out, held against the people whose names E&I holds.

A reader tells a heading only when it is made of words of headings. Some of these are names too, so
one that may name somebody held is not stored, and none is shown that names somebody held since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.naming import people_held
from safer_streets_assets.intake.readers import DroppedColumn, ReadDrop, is_ordinary_heading
from safer_streets_assets.policy import Policy

NOT_SHOWN = "a column (heading not shown)"
"""What is shown of a heading on record that may not be shown any more."""


def without_names(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    drop: ReadDrop,
    own_names: Mapping[str, Sequence[str]],
) -> ReadDrop:
    """The drop without those headings of dropped columns that may name somebody held.

    The restricted store is attached; `own_names` are tables or views with more names, such as the
    drop's own rows, and their columns of names.
    """
    headings = [column.heading for column in drop.dropped if column.heading]
    naming = _naming(connection, policy, headings, own_names)
    if not naming:
        return drop
    return replace(
        drop,
        dropped=tuple(
            DroppedColumn(column.number, None) if column.heading in naming else column
            for column in drop.dropped
        ),
    )


def headings_to_show(
    connection: duckdb.DuckDBPyConnection, policy: Policy, recorded: Sequence[str]
) -> list[str]:
    """The headings on record of dropped columns as they may be shown now."""
    words = frozenset(policy.heading_words)
    naming = _naming(connection, policy, recorded, {})
    return [
        text
        if DroppedColumn.is_told_without(text)
        or (is_ordinary_heading(text, words) and text not in naming)
        else NOT_SHOWN
        for text in recorded
    ]


def _naming(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    headings: Iterable[str],
    own_names: Mapping[str, Sequence[str]],
) -> set[str]:
    """Those of some headings that hold a CRN or perhaps name somebody."""
    looked_at = set(headings)
    if not looked_at:
        return set()
    people = people_held(connection, policy, looked_at, own_names)
    naming = set()
    for heading in looked_at:
        found = people.found_in(heading)
        names_somebody = found.surely or found.alone or found.perhaps
        if names_somebody or holds_crn(heading, policy.dpia.person_number):
            naming.add(heading)
    return naming
