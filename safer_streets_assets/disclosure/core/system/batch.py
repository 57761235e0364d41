"""Many changes of whole counts at once: what they do, and whether they agree with all that is
printed, by addition of whole numbers and no solver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray


class Move(NamedTuple):
    """A witness, as its difference from the true counts: cells and by how much each changes."""

    cells: IntArray
    amounts: IntArray


def distinct(moves: Iterable[Move]) -> list[Move]:
    """The changes, each once."""
    return list({(m.cells.tobytes(), m.amounts.tobytes()): m for m in moves}.values())


def stacked(moves: Sequence[Move], width: int) -> sparse.csc_matrix:
    """A column for each change, a row for each cell of the system."""
    ends = np.cumsum([0, *(len(move.cells) for move in moves)])
    empty = np.zeros(0, dtype=np.int64)
    cells = np.concatenate([empty, *(move.cells for move in moves)])
    amounts = np.concatenate([empty, *(move.amounts for move in moves)])
    return sparse.csc_matrix((amounts, cells, ends), shape=(width, len(moves)))


def effects(system: System, change: sparse.csc_matrix) -> sparse.csc_matrix:
    """By how much each change (a column) moves each cell, and after them each implied count."""
    found = sparse.vstack([change, system.implied @ change], format="csc")
    found.eliminate_zeros()
    return found


def agreeing(
    system: System, counts: IntArray, effect: sparse.csc_matrix, may_move: BoolArray
) -> BoolArray:
    """Which changes of these `effects` lead from `counts`, which agree with everything, to counts
    that do so too, and move only cells that may move."""
    n = len(counts)
    column = np.repeat(np.arange(effect.shape[1]), np.diff(effect.indptr))
    row, by = effect.indices.astype(np.int64), effect.data
    own = row < n
    cell, after = row[own], counts[row[own]] + by[own]
    wrong = ~may_move[cell] | (after < system.lowest[cell]) | (after > system.highest[cell])
    at_fault = [column[own][wrong]]
    implied, now = row[~own] - n, system.implied @ counts
    negative = system.never_negative[implied] & (now[implied] + by[~own] < 0)
    at_fault.append(column[~own][negative])
    change = effect[:n]
    uneven = (system.equations @ change).tocoo()
    at_fault.append(uneven.col[uneven.data != 0])
    told = (system.facts @ change).tocoo()
    said = (system.facts @ counts)[told.row] + told.data
    outside = (said < system.fact_low[told.row]) | (said > system.fact_high[told.row])
    at_fault.append(told.col[outside])
    fine = np.ones(effect.shape[1], dtype=bool)
    fine[np.concatenate(at_fault)] = False
    return fine
