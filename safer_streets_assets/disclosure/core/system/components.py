"""What is unknown, taken apart: parts of the system that share no equation or implied count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray
from safer_streets_assets.disclosure.core.tables.problems import ProofError

CONTRADICTION = "Check the releases: what they print contradicts itself."


@dataclass(frozen=True)
class Component:
    """Unknown cells (their numbers in the system) and what ties them: `equations @ x = sums`, and
    implied counts `implied @ x + constant` (numbered `implied_rows` in the system), and facts
    `fact_low <= facts @ x <= fact_high`. Those `aside` are no counts of people."""

    unknown: IntArray
    lowest: IntArray
    highest: FloatArray
    aside: BoolArray
    equations: sparse.csr_matrix
    sums: IntArray
    implied_rows: IntArray
    implied: sparse.csr_matrix
    constant: IntArray
    never_negative: BoolArray
    binding: BoolArray
    facts: sparse.csr_matrix
    fact_low: FloatArray
    fact_high: FloatArray

    @property
    def matrix(self) -> sparse.csr_matrix:
        """Equations, then the implied counts that are `binding`, then facts."""
        rows = [self.equations, self.implied[self.binding], self.facts]
        return sparse.vstack(rows, format="csr")

    @property
    def row_bounds(self) -> tuple[FloatArray, FloatArray]:
        """Bounds on the rows of `matrix`."""
        floor = -self.constant[self.binding]
        low = np.concatenate([self.sums, floor, self.fact_low]).astype(np.float64)
        high = np.concatenate([self.sums, np.full(len(floor), np.inf), self.fact_high])
        return low, high.astype(np.float64)

    def holds(self, x: IntArray) -> bool:
        """Whether whole counts agree with all that ties these cells, by plain addition."""
        if (x < self.lowest).any() or (x > self.highest).any():
            return False
        said = self.facts @ x
        if (self.equations @ x != self.sums).any():
            return False
        if (said < self.fact_low).any() or (said > self.fact_high).any():
            return False
        return not bool(((self.implied @ x + self.constant)[self.never_negative] < 0).any())

    def effects(self, change: sparse.csc_matrix) -> sparse.csc_matrix:
        """By how much changes of the unknown cells (a column each) move these, and after them the
        implied counts."""
        found = sparse.vstack([change, self.implied @ change], format="csc")
        found.eliminate_zeros()
        return found

    def hold(self, x: IntArray, effect: sparse.csc_matrix) -> BoolArray:
        """Which changes of these `effects` lead from `x`, which `holds`, to counts that do so too,
        by plain addition."""
        n = len(x)
        column = np.repeat(np.arange(effect.shape[1]), np.diff(effect.indptr))
        row, own = effect.indices, effect.indices < n
        after = np.concatenate([x, self.implied @ x + self.constant])[row] + effect.data
        cell, row = row[own], row[~own] - n
        wrong = (after[own] < self.lowest[cell]) | (after[own] > self.highest[cell])
        negative = self.never_negative[row] & (after[~own] < 0)
        uneven = (self.equations @ effect[:n]).tocoo()
        told = (self.facts @ effect[:n]).tocoo()
        said = (self.facts @ x)[told.row] + told.data
        outside = (said < self.fact_low[told.row]) | (said > self.fact_high[told.row])
        at_fault = [column[own][wrong], column[~own][negative], uneven.col[uneven.data != 0]]
        fine = np.ones(effect.shape[1], dtype=bool)
        fine[np.concatenate([*at_fault, told.col[outside]])] = False
        return fine


def components(system: System) -> list[Component]:
    """The components, in the order of their first cell. Raises ProofError when equations among
    printed counts do not hold."""
    unknown = np.flatnonzero(np.isnan(system.value))
    known = np.where(np.isnan(system.value), 0, system.value).astype(np.int64)
    sums = -(system.equations @ known)
    constant = system.implied @ known
    told = system.facts @ known
    fact_low, fact_high = system.fact_low - told, system.fact_high - told
    equations = system.equations[:, unknown].tocsr()
    implied = system.implied[:, unknown].tocsr()
    facts = system.facts[:, unknown].tocsr()
    free_equation = np.diff(equations.indptr) == 0
    free_implied = np.diff(implied.indptr) == 0
    if sums[free_equation].any() or (constant[free_implied & system.never_negative] < 0).any():
        raise ProofError(CONTRADICTION)
    free_fact = np.diff(facts.indptr) == 0
    if (fact_low[free_fact] > 0).any() or (fact_high[free_fact] < 0).any():
        raise ProofError(CONTRADICTION)
    if (system.lowest[unknown] > system.highest[unknown]).any():
        raise ProofError(CONTRADICTION)
    if not len(unknown):
        return []
    stacked = sparse.vstack([equations, implied, facts], format="csr")
    together = abs(stacked).T @ abs(stacked)
    count, label = sparse.csgraph.connected_components(together, directed=False)
    first_equation = _labels(equations, label)
    first_implied = _labels(implied, label)
    first_fact = _labels(facts, label)
    parts = []
    for part in range(count):
        inside = np.flatnonzero(label == part)
        rows = np.flatnonzero(first_equation == part)
        counts = np.flatnonzero(first_implied == part)
        said = np.flatnonzero(first_fact == part)
        parts.append(
            Component(
                unknown=unknown[inside],
                lowest=system.lowest[unknown[inside]],
                highest=system.highest[unknown[inside]],
                aside=system.aside[unknown[inside]],
                equations=equations[rows][:, inside],
                sums=sums[rows],
                implied_rows=counts,
                implied=implied[counts][:, inside],
                constant=constant[counts],
                never_negative=system.never_negative[counts],
                binding=system.binding[counts],
                facts=facts[said][:, inside],
                fact_low=fact_low[said],
                fact_high=fact_high[said],
            )
        )
    return parts


def _labels(matrix: sparse.csr_matrix, label: IntArray) -> IntArray:
    """The component that each row belongs to (-1: none)."""
    out = np.full(matrix.shape[0], -1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    out[filled] = label[matrix.indices[matrix.indptr[filled]]]
    return out
