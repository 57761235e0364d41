"""Whole tables handed to the attacker, so that it need not look for them.

Nothing is believed of them: one that does not agree with everything printed is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from safer_streets_assets.disclosure.core.search import Search
from safer_streets_assets.disclosure.core.system import Cell, IntArray

Moved = tuple[tuple[Cell, int], ...]


@dataclass(frozen=True)
class Evidence:
    """A whole table (`counts`), and how others differ from it (`moves`)."""

    counts: Mapping[Cell, int] = field(repr=False)
    moves: Sequence[Moved] = field(repr=False)

    def offer(self, cells: Sequence[Cell], searches: Sequence[Search]) -> None:
        """Lets each search meet the tables, as far as they are about its unknown cells (places in
        `cells`); a search with an unknown cell that is not counted here meets none."""
        bases: dict[int, IntArray] = {}
        at: dict[Cell, tuple[int, int]] = {}
        for k, search in enumerate(searches):
            own = [cells[i] for i in search.part.unknown]
            if all(cell in self.counts for cell in own):
                bases[k] = np.array([self.counts[cell] for cell in own], dtype=np.int64)
                at |= {cell: (k, place) for place, cell in enumerate(own)}
                search.meet(bases[k])
        for move in dict.fromkeys(self.moves):
            changed: dict[int, IntArray] = {}
            for cell, by in move:
                if cell not in at:
                    continue
                k, place = at[cell]
                if k not in changed:
                    changed[k] = bases[k].copy()
                changed[k][place] += by
            for k, counts in changed.items():
                searches[k].meet(counts)
