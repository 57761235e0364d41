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
        bases = [self._base([cells[i] for i in search.part.unknown]) for search in searches]
        at: dict[Cell, tuple[int, int]] = {}
        for k, (search, base) in enumerate(zip(searches, bases, strict=True)):
            if base is not None:
                search.meet(base)
                at |= {cells[i]: (k, place) for place, i in enumerate(search.part.unknown)}
        for move in dict.fromkeys(self.moves):
            changed: dict[int, IntArray] = {}
            for cell, by in move:
                k, place = at.get(cell, (-1, -1))
                base = bases[k] if k >= 0 else None
                if base is not None:
                    changed.setdefault(k, base.copy())[place] += by
            for k, counts in changed.items():
                searches[k].meet(counts)

    def _base(self, cells: Sequence[Cell]) -> IntArray | None:
        counts = [self.counts.get(cell) for cell in cells]
        return None if None in counts else np.array(counts, dtype=np.int64)
