"""A whole table that agrees with everything printed, giving up only those assumptions of growth
between releases that cannot all hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.components import (
    CONTRADICTION,
    Component,
    components,
)
from safer_streets_assets.disclosure.core.system.highs import Program, as_whole
from safer_streets_assets.disclosure.core.system.system import Cell, Lasting, System
from safer_streets_assets.disclosure.core.tables.arrays import IntArray
from safer_streets_assets.disclosure.core.tables.problems import ProofError

Fallen = frozenset[tuple[int, Lasting]]
SETTLED = 1000.0
"""What giving up growth up to an earlier release weighs: those agreed with each other before."""


def complete(
    system: System,
    *,
    time_limit: float,
    alone: Collection[int] = (),
    known: Mapping[Cell, int] = MappingProxyType({}),
) -> tuple[IntArray, Fallen]:
    """Whole counts for every cell, and the cells (release, lasting key) that had to fall in them.
    The cells `alone` are 1. `known` are counts of cells, taken where they agree with everything.

    Raises ProofError when what is printed contradicts itself, or when there was not enough time.
    """
    counts = np.where(np.isnan(system.value), 0, system.value).astype(np.int64)
    fallen: set[tuple[int, Lasting]] = set()
    for part in components(system):
        x = _known_part(system, part, alone, known)
        if x is None:
            x = _complete_part(system, part, time_limit, alone)
        counts[part.unknown] = x
        negative = part.never_negative & (part.implied @ x + part.constant < 0)
        for row in part.implied_rows[negative]:
            fallen.add(system.changed_by(int(row)))
    return counts, frozenset(fallen)


def _known_part(
    system: System, part: Component, alone: Collection[int], known: Mapping[Cell, int]
) -> IntArray | None:
    """The known counts of a component; None when some are not known, or they do not agree."""
    found = [known.get(system.cells[i]) for i in part.unknown]
    x = np.array([count for count in found if count is not None], dtype=np.int64)
    if len(x) < len(found) or (x[np.isin(part.unknown, list(alone))] != 1).any():
        return None
    return x if part.holds(x) else None


def _complete_part(
    system: System, part: Component, time_limit: float, alone: Collection[int]
) -> IntArray:
    rows = part.implied_rows[part.binding]
    n, k = len(part.unknown), len(rows)
    changes = np.array([system.implied_kinds[r].kind == "change" for r in rows], bool)
    newer = np.array([system.released[system.parts_of(row)[0]] for row in rows], dtype=np.int64)
    weights = np.where(newer == system.released.max(initial=0), 1.0, SETTLED)
    slack_columns = sparse.vstack(
        [
            sparse.csr_matrix((part.equations.shape[0], k), dtype=np.int64),
            sparse.identity(k, np.int64),
            sparse.csr_matrix((part.facts.shape[0], k), dtype=np.int64),
        ]
    )
    matrix = sparse.hstack([part.matrix, slack_columns], format="csr")
    lower = np.concatenate([part.lowest, np.zeros(k)]).astype(np.float64)
    upper = np.concatenate([part.highest, np.where(changes, np.inf, 0.0)])
    known = np.flatnonzero(np.isin(part.unknown, list(alone)))
    lower[known] = upper[known] = 1.0
    for whole in (False, True):
        program = Program(
            matrix, part.row_bounds, (lower, upper), whole=whole, time_limit=time_limit
        )
        program.set_costs(np.concatenate([np.zeros(n), weights]))
        answer = program.solve()
        if answer.status == "infeasible":
            raise ProofError(CONTRADICTION)
        x = None if answer.x is None else as_whole(answer.x)
        if x is not None:
            return x[:n].astype(np.int64)
    raise ProofError("Give the release step more time: earlier releases could not be completed.")
