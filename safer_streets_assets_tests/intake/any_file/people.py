"""The invented people of one case, full of canaries, and their rows as a source has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from safer_streets_assets_tests.builders import BASE_ROWS, NPS, csv_drop
from safer_streets_assets_tests.privacy.traces import canary_crn, word

MOST_PEOPLE = 6
OUTSIDE = word("header")
"""A column that no agreement covers."""


@dataclass(frozen=True)
class People:
    """The people of the case of that number: no two cases share one."""

    number: int

    def crn(self, index: int) -> str:
        """The CRN of one of them."""
        return canary_crn(self.number * MOST_PEOPLE + index)

    def name(self, index: int) -> str:
        """A name that a wrong encoding spoils."""
        return f"{word('name')}, Zoë £{index}"

    def rows(self, how_many: int = 2, source: str = NPS, **changes: Any) -> list[dict[str, Any]]:
        """A plain row about each of them, with a column that no agreement covers."""
        return [
            {
                **BASE_ROWS[source],
                "CRN": self.crn(index),
                "Offender Name": self.name(index),
                OUTSIDE: word("outside"),
                **changes,
            }
            for index in range(how_many)
        ]

    def csv(self, how_many: int = 2, **changes: Any) -> bytes:
        """Their rows as a plain CSV file."""
        return csv_drop(self.rows(how_many, **changes))

    def text(self, how_many: int = 2, **changes: Any) -> str:
        """The same as text, with \\r\\n at the end of each line."""
        return self.csv(how_many, **changes).decode()

    def lines(self, how_many: int = 2, **changes: Any) -> list[list[Any]]:
        """The header and the rows as lists of cells."""
        return grid(self.rows(how_many, **changes))


def grid(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """The header and the rows as lists of cells."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def place_of(column: str) -> int:
    """Where a column stands in `People.lines`, from 0."""
    names: Iterable[str] = People(0).rows(1)[0]
    return list(names).index(column)
