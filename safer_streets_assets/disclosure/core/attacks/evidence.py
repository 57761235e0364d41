"""Whole tables handed to the attacker, so that it need not look for them.

Nothing is believed of them: one that does not agree with everything printed is passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.attacks.search import Search
from safer_streets_assets.disclosure.core.system.batch import Move
from safer_streets_assets.disclosure.core.system.system import Cell

Moved = tuple[tuple[Cell, int], ...]


@dataclass(frozen=True)
class Evidence:
    """A whole table (`counts`), and how others differ from it (`moves`)."""

    counts: Mapping[Cell, int] = field(repr=False)
    moves: Sequence[Moved] = field(repr=False)

    def offer(self, cells: Sequence[Cell], searches: Sequence[Search]) -> None:
        """Lets each search meet the tables, as far as they are about its unknown cells (places in
        `cells`); a search with an unknown cell that is not counted here meets none."""
        at: dict[Cell, tuple[int, int]] = {}
        for k, search in enumerate(searches):
            own = [cells[i] for i in search.part.unknown]
            if all(cell in self.counts for cell in own):
                counts = np.array([self.counts[cell] for cell in own], dtype=np.int64)
                if search.start_from(counts):
                    at |= {cell: (k, place) for place, cell in enumerate(own)}
        changes: dict[int, list[dict[int, int]]] = defaultdict(list)
        for move in dict.fromkeys(self.moves):
            parts: dict[int, dict[int, int]] = defaultdict(dict)
            for cell, by in move:
                if cell in at:
                    k, place = at[cell]
                    parts[k][place] = by
            for k, part in parts.items():
                changes[k].append(part)
        for k, found in changes.items():
            ends = np.cumsum([0, *(len(part) for part in found)])
            places = [place for part in found for place in part]
            amounts = np.array([by for part in found for by in part.values()], dtype=np.int64)
            shape = (len(searches[k].part.unknown), len(found))
            searches[k].meet_changed(sparse.csc_matrix((amounts, places, ends), shape=shape))

    def moves_in(self, cells: Sequence[Cell], *, carried: bool = False) -> list[Move]:
        """The moves among these cells (by their places), each as it is, and when `carried` also as
        it is when the newest release of `cells` moves as the latest known one does."""
        at = {cell: i for i, cell in enumerate(cells)}
        newest = max((cell.release for cell in cells), default=0)
        found = []
        for move in dict.fromkeys(self.moves):
            after = [(c._replace(release=newest), k) for c, k in move if c.release == newest - 1]
            again = [(c, k) for c, k in after if carried and c in at]
            for moved in ([*move], [*move, *again]) if again else ([*move],):
                if moved and all(c in at for c, _ in moved):
                    places, amounts = zip(*sorted((at[c], k) for c, k in moved), strict=True)
                    found.append(Move(np.array(places), np.array(amounts)))
        return found
