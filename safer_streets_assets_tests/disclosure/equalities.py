"""Numbers that are equal whoever the people are, found from the numbers themselves.

What is one number in every one of many unprotected data sets is one number by meaning, or an
attacker may take it to be. `find_equalities` gives each count that equals another, or the sum of
two others, in all of them, and that does not follow from what is said already: sums of tables,
margins that tables of one population share, and the links of tables.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
import yaml
from scipy import sparse
from scipy.sparse.linalg import lsqr

from safer_streets_assets.disclosure.core import TOTAL, CellRef, CountTable, Link
from safer_streets_assets.disclosure.core.system.system import Terms, rows_to_matrix
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.disclosure.many import Frames, ManyCounts, read_many

FEWEST = 8
"""A count that takes fewer values over all data sets is not looked at: it is equal by chance. Where
there are many data sets fewer values will do, but for four counts, of which there are many more."""

VECTORS = 4
TOLERANCE = 1e-6
EXPLAINED = "explained_equalities.yaml"


@dataclass(frozen=True)
class Equality:
    """Counts that add up to zero, by their cells, and in words ("a + b = c")."""

    terms: tuple[tuple[int, CellRef], ...]
    said: str


def find_equalities(
    policy: Policy, samples: Sequence[Frames], *, fewest: int = FEWEST
) -> list[Equality]:
    """What is equal in all samples and follows neither from the shape of the tables nor from the
    policy's links; of what follows from each other, the simplest.

    `samples` are aggregates by name before protection, at the levels at which `policy` has its
    tables, each of other people, and the more and the larger the better: a table that is missing
    or has no row in one of them is not looked at, and a sample in which a count could not be made
    is left out. The same samples give the same equalities, in the same order.

    Raises:
        TooFewSamplesError: in no sample could all counts be made, or no table is in all of them.
        TablesDisagreeError: a link of the policy does not hold.
    """
    counts = read_many(policy, samples)
    said = _Said(counts)
    found = []
    for terms in _candidates(counts, fewest):
        if not said.tells(terms):
            said.add(terms)
            found.append(Equality(counts.named(terms), _in_words(counts, terms)))
    for terms in _of_four(counts, said, max(fewest, FEWEST)):
        said.add(terms)
        found.append(Equality(counts.named(terms), _in_words(counts, terms)))
    return found


def as_links(equalities: Iterable[Equality], tables: Sequence[CountTable]) -> list[Link]:
    """The equalities as links between these tables, as far as their counts agree with them.

    A category that a table does not have has nobody in it; an equality with a table that is not
    there is none.
    """
    counts = {
        (table.spec.name, measure, _coords(dict(zip(table.spec.dimensions, key, strict=True)))): n
        for table in tables
        for measure in table.spec.measures
        for *key, n in table.cells[[*table.spec.dimensions, measure]].itertuples(index=False)
    }
    names = {table.spec.name for table in tables}
    links = []
    for equality in equalities:
        if not {ref.table for _, ref in equality.terms} <= names:
            continue
        there = [
            (times, ref, int(counts[key]))
            for times, ref in equality.terms
            if (key := (ref.table, ref.measure, _coords(ref.coords))) in counts
        ]
        if there and sum(times * count for times, _, count in there) == 0:
            links.append(Link(tuple((times, ref) for times, ref, _ in there)))
    return links


def explained() -> list[tuple[str, str]]:
    """What is explained and not declared: an equality in words, or several with * for any text,
    and the reason."""
    text = resources.files("safer_streets_assets.policy").joinpath(EXPLAINED).read_text("utf-8")
    return [(entry["equal"], entry["because"]) for entry in yaml.safe_load(text) or []]


def is_explained(equality: Equality, entries: Iterable[tuple[str, str]]) -> bool:
    """Whether one of the entries (see `explained`) is about the equality."""
    return any(
        re.fullmatch(".*".join(map(re.escape, equal.split("*"))), equality.said)
        for equal, _ in entries
    )


class _Said:
    """What follows from the equations said so far: what holds for random solutions of all."""

    def __init__(self, counts: ManyCounts) -> None:
        width = len(counts.values)
        nobody: list[Terms] = [((int(cell), 1),) for cell in counts.never]
        self.rows = sparse.vstack([counts.system.equations, rows_to_matrix(nobody, width)]).tocsr()
        self.random = np.random.default_rng(1).normal(size=(VECTORS, width))
        self._solve()

    def tells(self, terms: Terms) -> bool:
        """Whether a sum is zero in all solutions."""
        cells, times = [cell for cell, _ in terms], [k for _, k in terms]
        return bool((np.abs(self.solutions[:, cells] @ times) < TOLERANCE).all())

    def add(self, terms: Terms) -> None:
        """One more equation."""
        self.rows = sparse.vstack([self.rows, rows_to_matrix([terms], self.rows.shape[1])]).tocsr()
        self._solve()

    def _solve(self) -> None:
        """Random vectors less their part in the row space: what is left solves all equations."""
        across = self.rows.T.astype(np.float64)
        self.solutions = np.stack(
            [z - across @ lsqr(across, z, atol=1e-13, btol=1e-13)[0] for z in self.random]
        )


def _candidates(counts: ManyCounts, fewest: int) -> Iterator[Terms]:
    """Counts that are equal, then sums of two counts that are a third, simple ones first."""
    order = sorted(counts.varied(fewest), key=lambda cell: (counts.fineness(cell), cell))
    rank = {cell: position for position, cell in enumerate(order)}
    marks = _fingerprints(counts.values[order])
    classes: dict[int, list[int]] = {}
    for cell, mark in zip(order, marks.tolist(), strict=True):
        classes.setdefault(mark, []).append(cell)
    for members in classes.values():
        yield from (((members[0], 1), (other, -1)) for other in members[1:])
    first = [members[0] for members in classes.values()]
    yield from sorted(
        _sums(first, np.array(list(classes), dtype=np.uint64), counts.values),
        key=lambda terms: sorted((rank[cell] for cell, _ in terms), reverse=True),
    )


def _sums(
    cells: Sequence[int], marks: npt.NDArray[np.uint64], values: npt.NDArray[np.int64]
) -> Iterator[Terms]:
    """Sums of two that are a third: fingerprints add up as the counts do."""
    by_mark = np.argsort(marks)
    known = marks[by_mark]
    for i, cell in enumerate(cells):
        sums = marks[i] + marks[i:]
        at = np.searchsorted(known, sums) % len(known)
        for j in np.flatnonzero(known[at] == sums):
            other, whole = cells[i + int(j)], cells[int(by_mark[at[j]])]
            if (values[cell] + values[other] == values[whole]).all():
                twice = [(cell, 2)] if cell == other else [(cell, 1), (other, 1)]
                yield (*twice, (whole, -1))


def _of_four(counts: ManyCounts, said: _Said, fewest: int) -> Iterator[Terms]:
    """Sums and differences of two that are another one, in all data sets and not in all solutions;
    whoever takes one adds it to what is said before the next."""
    varied = sorted(counts.varied(fewest), key=lambda cell: (counts.fineness(cell), cell))
    marks, first = np.unique(_fingerprints(counts.values[varied]), return_index=True)
    cells = np.array(varied, dtype=np.int64)[first]
    one, other = np.triu_indices(len(cells))
    whole, part = np.nonzero(~np.eye(len(cells), dtype=bool))
    left, right = np.concatenate([one, whole]), np.concatenate([other, part])
    sign = np.repeat([1, -1], [len(one), len(whole)])
    pairs = np.where(sign > 0, marks[left] + marks[right], marks[left] - marks[right])
    order = np.argsort(pairs, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(pairs[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    for start in starts[sizes > 1]:
        alike = order[start : start + sizes[np.searchsorted(starts, start)]]
        for pair in alike[1:]:
            times = ((alike[0], 1), (pair, -1))
            sums: dict[int, int] = {}
            for at, k in times:
                for cell, own in ((cells[left[at]], k), (cells[right[at]], k * int(sign[at]))):
                    sums[int(cell)] = sums.get(int(cell), 0) + own
            terms = tuple((cell, k) for cell, k in sorted(sums.items()) if k)
            if not terms or said.tells(terms):
                continue
            values = np.array([k * counts.values[cell] for cell, k in terms])
            parts = [values[0] + values[i] for i in range(1, len(terms))]
            if not values.sum(0).any() and min(len(np.unique(part)) for part in parts) >= fewest:
                yield terms


def _fingerprints(values: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """One number a count: a fixed random combination of its values over all samples."""
    weights = np.random.default_rng(7).integers(0, 2**63, values.shape[1], dtype=np.uint64)
    made: npt.NDArray[np.uint64] = (values.astype(np.uint64) * weights).sum(1, dtype=np.uint64)
    return made


def _in_words(counts: ManyCounts, terms: Terms) -> str:
    left = [counts.label(cell) for cell, times in terms if times > 0 for _ in range(times)]
    right = [counts.label(cell) for cell, times in terms if times < 0]
    return f"{' + '.join(sorted(left))} = {' + '.join(right)}"


def _coords(coords: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((d, str(c)) for d, c in coords.items() if str(c) != TOTAL))
