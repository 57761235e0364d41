"""Whole tables handed to the attacker, so that it need not look for them.

Nothing is believed of them: one that does not agree with everything printed is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from safer_streets_assets.disclosure.core.system import Cell, IntArray

Moved = tuple[tuple[Cell, int], ...]


@dataclass(frozen=True)
class Evidence:
    """A whole table (`counts`), and how others differ from it (`moves`)."""

    counts: Mapping[Cell, int] = field(repr=False)
    moves: Sequence[Moved] = field(repr=False)

    def tables(self, cells: Sequence[Cell]) -> Iterator[IntArray]:
        """The tables as counts of these cells, in their order: none when a cell is not counted."""
        at = {cell: i for i, cell in enumerate(cells)}
        if not at.keys() <= self.counts.keys():
            return
        base = np.array([self.counts[cell] for cell in cells], dtype=np.int64)
        yield base
        for move in dict.fromkeys(self.moves):
            if all(cell in at for cell, _ in move):
                other = base.copy()
                other[[at[cell] for cell, _ in move]] += [by for _, by in move]
                yield other
