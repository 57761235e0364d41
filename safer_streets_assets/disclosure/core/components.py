"""What is unknown, taken apart: parts of the system that share no equation or implied count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.grid import FloatArray
from safer_streets_assets.disclosure.core.problems import ProofError
from safer_streets_assets.disclosure.core.system import BoolArray, IntArray, System

CONTRADICTION = "Check the releases: what they print contradicts itself."


@dataclass(frozen=True)
class Component:
    """Unknown cells (their numbers in the system) and what ties them: `equations @ x = sums`, and
    implied counts `implied @ x + constant` (numbered `implied_rows` in the system)."""

    unknown: IntArray
    lowest: IntArray
    equations: sparse.csr_matrix
    sums: IntArray
    implied_rows: IntArray
    implied: sparse.csr_matrix
    constant: IntArray
    never_negative: BoolArray
    binding: BoolArray

    @property
    def matrix(self) -> sparse.csr_matrix:
        """Equations, then the implied counts that are `binding`."""
        return sparse.vstack([self.equations, self.implied[self.binding]], format="csr")

    @property
    def row_bounds(self) -> tuple[FloatArray, FloatArray]:
        """Bounds on the rows of `matrix`."""
        floor = -self.constant[self.binding]
        low = np.concatenate([self.sums, floor]).astype(np.float64)
        high = np.concatenate([self.sums, np.full(len(floor), np.inf)]).astype(np.float64)
        return low, high

    def holds(self, x: IntArray) -> bool:
        """Whether whole counts agree with all that ties these cells, by plain addition."""
        if (x < self.lowest).any() or (self.equations @ x != self.sums).any():
            return False
        return not bool(((self.implied @ x + self.constant)[self.never_negative] < 0).any())


def components(system: System) -> list[Component]:
    """The components, in the order of their first cell. Raises ProofError when equations among
    printed counts do not hold."""
    unknown = np.flatnonzero(np.isnan(system.value))
    known = np.where(np.isnan(system.value), 0, system.value).astype(np.int64)
    sums = -(system.equations @ known)
    constant = system.implied @ known
    equations = system.equations[:, unknown].tocsr()
    implied = system.implied[:, unknown].tocsr()
    free_equation = np.diff(equations.indptr) == 0
    free_implied = np.diff(implied.indptr) == 0
    if sums[free_equation].any() or (constant[free_implied & system.never_negative] < 0).any():
        raise ProofError(CONTRADICTION)
    if not len(unknown):
        return []
    stacked = sparse.vstack([equations, implied], format="csr")
    together = abs(stacked).T @ abs(stacked)
    count, label = sparse.csgraph.connected_components(together, directed=False)
    first_equation = _labels(equations, label)
    first_implied = _labels(implied, label)
    parts = []
    for part in range(count):
        inside = np.flatnonzero(label == part)
        rows = np.flatnonzero(first_equation == part)
        counts = np.flatnonzero(first_implied == part)
        parts.append(
            Component(
                unknown=unknown[inside],
                lowest=system.lowest[unknown[inside]],
                equations=equations[rows][:, inside],
                sums=sums[rows],
                implied_rows=counts,
                implied=implied[counts][:, inside],
                constant=constant[counts],
                never_negative=system.never_negative[counts],
                binding=system.binding[counts],
            )
        )
    return parts


def _labels(matrix: sparse.csr_matrix, label: IntArray) -> IntArray:
    """The component that each row belongs to (-1: none)."""
    out = np.full(matrix.shape[0], -1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    out[filled] = label[matrix.indices[matrix.indptr[filled]]]
    return out
