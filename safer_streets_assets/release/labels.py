"""The last look at words: no category that policy does not list, and no formula."""

from __future__ import annotations

import re

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.words import words_of
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.errors import UnsafeReleaseError

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet takes for a formula, or that hides one."""
REMEDY = "add the word, or a synonym for it, to its list in the policy, and run again"


def refuse_unlisted(policy: Policy, table: ReleaseTable) -> None:
    """Refuses a table that prints a category which policy does not list for its dimension, or a
    text that a spreadsheet would run as a formula.

    Raises:
        UnsafeReleaseError: names the table and the column, never the word.
    """
    for at, dimension in enumerate(policy.tables.tables[table.name].dimensions):
        words, column = words_of(policy, dimension), table.columns[at]
        if not all(words.hold(str(row[at])) for row in table.rows):
            raise UnsafeReleaseError(
                f"Column {column.name} of table {table.name} has a category that the policy does "
                f"not list; {REMEDY}."
            )
    rows = [table.named(row) for row in table.rows]
    for column in table.columns:
        cells = [(text, row) for row in rows if isinstance(text := row[column.name], str)]
        texts = {said for text, row in cells for said in (text, column.label(text, row))}
        if any(runs_as_formula(text) for text in texts):
            raise UnsafeReleaseError(
                f"Column {column.name} of table {table.name} has a text that a spreadsheet would "
                f"run as a formula; {REMEDY}."
            )


def runs_as_formula(text: str) -> bool:
    """Whether a cell with this text, which is no number, may be taken for a formula."""
    return text.startswith(RUNS) and NUMBER.fullmatch(text) is None
