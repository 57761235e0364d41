"""Which counts are headline figures, in the terms of the disclosure core."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, Lasting, cell_of
from safer_streets_assets.disclosure.core_tables import TablePart
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.policy import Policy

NAMED, GRAND_TOTAL = 1, 2
"""How important a headline figure is: named in the policy, or a grand total."""


def headline_rows(policy: Policy, name: str, frame: pd.DataFrame) -> pd.Series:
    """For each row of a table (columns: its dimensions) NAMED, GRAND_TOTAL, or 0 when it is no
    headline figure."""
    columns = policy.tables.columns(name)
    importance = policy.tables.importance
    found = pd.Series(0, index=frame.index)
    adding = [column for column, dimension in columns.items() if dimension.total]
    if importance.grand_totals and adding and name not in importance.details:
        found = found.mask((frame[adding] == TOTAL).all(axis="columns"), GRAND_TOTAL)
    for rows in importance.headline:
        if rows.table != name:
            continue
        own = pd.Series(True, index=frame.index)
        for column, value in rows.where.items():
            own &= frame[column].eq(value)
        for column, listed in rows.over.items():
            own &= frame[column].isin(list(policy.labels_of(listed)))
        found = found.mask(own, NAMED)
    return found


def headline_said(policy: Policy, name: str, printed: pd.DataFrame, *, undecided: bool) -> str:
    """A sentence where a printed table hides headline figures, or else its totals; else nothing.
    What it says follows from the markers and the rule, so it tells nothing of a hidden count."""
    rows = headline_rows(policy, name, printed)
    hidden = printed[list(policy.tables.tables[name].counts)].isna().any(axis="columns")
    found = set(rows[hidden & (rows > 0)])
    if not found:
        return ""
    which = "Headline figures are" if NAMED in found else "Totals of this table are"
    why = (
        "no safe way to print them all was found in the time given"
        if undecided
        else "there is no safe way to print them all"
    )
    return f"{which} hidden, because {why}."


def headline_counts(
    policy: Policy, parts: Mapping[str, list[TablePart]], frames: Mapping[str, pd.DataFrame]
) -> tuple[set[Lasting], set[Lasting]]:
    """The headline counts of tables, each by what stays the same of it from release to release:
    those named in the policy, and the other grand totals."""
    found: dict[int, set[Lasting]] = {NAMED: set(), GRAND_TOTAL: set()}
    for name, own in parts.items():
        rows = headline_rows(policy, name, frames[name])
        for part in own:
            for row, coords in part.coords(frames[name]).items():
                if rows.loc[row]:
                    found[int(rows.loc[row])] |= {
                        cell_of(part.spec, count, dict(coords), 0).lasting
                        for count in part.spec.measures
                    }
    return found[NAMED], found[GRAND_TOTAL] - found[NAMED]


def parts_of_details(policy: Policy, parts: Mapping[str, list[TablePart]]) -> list[str]:
    """The core tables of the tables of detail, which give way to all others."""
    return [p.spec.name for name in policy.tables.importance.details for p in parts.get(name, [])]


def withheld_beside_details(policy: Policy, protected: ProtectedTables) -> int:
    """How many core tables are withheld of the tables that numbers of details say something of."""
    tied = _tied_to_details(policy) & set(protected.parts)
    parts = [part.spec.name for name in tied for part in protected.parts[name]]
    return sum(part in protected.core.withheld for part in parts)


def _tied_to_details(policy: Policy) -> set[str]:
    """The tables, but those of detail, that links or common margins tie to these, or to others that
    are tied so."""
    details = set(policy.tables.importance.details)
    sets = [{term.table for term in link.terms} for link in policy.tables.links]
    margins: dict[str, set[str]] = {}
    for name, spec in policy.tables.tables.items():
        margins.setdefault(spec.margins_of, set()).add(name)
    sets += margins.values()
    tied, before = set(details), set[str]()
    while tied != before:
        before = set(tied)
        tied = tied.union(*(own for own in sets if own & tied))
    return tied - details
