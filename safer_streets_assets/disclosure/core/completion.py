"""A whole table that agrees with everything printed, giving up only those assumptions of growth
between releases that cannot all hold."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.components import CONTRADICTION, Component, components
from safer_streets_assets.disclosure.core.highs import Program, as_whole
from safer_streets_assets.disclosure.core.problems import ProofError
from safer_streets_assets.disclosure.core.system import IntArray, Lasting, System

Fallen = frozenset[tuple[int, Lasting]]


def complete(system: System, *, time_limit: float) -> tuple[IntArray, Fallen]:
    """Whole counts for every cell, and the cells (release, lasting key) that had to fall in them.

    Raises ProofError when what is printed contradicts itself, or when there was not enough time.
    """
    counts = np.where(np.isnan(system.value), 0, system.value).astype(np.int64)
    fallen: set[tuple[int, Lasting]] = set()
    for part in components(system):
        x, slack = _complete_part(system, part, time_limit)
        counts[part.unknown] = x
        for row in part.implied_rows[slack]:
            newer = system.cells[system.parts_of(row)[0]]
            fallen.add((newer.release, newer.lasting))
    return counts, frozenset(fallen)


def _complete_part(
    system: System, part: Component, time_limit: float
) -> tuple[IntArray, np.ndarray]:
    n, k = len(part.unknown), len(part.implied_rows)
    changes = np.array([system.implied_kinds[r].kind == "change" for r in part.implied_rows], bool)
    slack_columns = sparse.vstack(
        [
            sparse.csr_matrix((part.equations.shape[0], k), dtype=np.int64),
            sparse.identity(k, np.int64),
        ]
    )
    matrix = sparse.hstack([part.matrix, slack_columns], format="csr")
    lower = np.concatenate([part.lowest, np.zeros(k)]).astype(np.float64)
    upper = np.concatenate([np.full(n, np.inf), np.where(changes, np.inf, 0.0)])
    for whole in (False, True):
        program = Program(
            matrix, part.row_bounds, (lower, upper), whole=whole, time_limit=time_limit
        )
        program.set_costs(np.concatenate([np.zeros(n), np.ones(k)]))
        answer = program.solve()
        if answer.status == "infeasible":
            raise ProofError(CONTRADICTION)
        x = None if answer.x is None else as_whole(answer.x)
        if x is not None:
            return x[:n].astype(np.int64), x[n:] > 0
    raise ProofError("Give the release step more time: earlier releases could not be completed.")
