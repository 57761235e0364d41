"""What releases print, as their files say it, for `check_witnesses`: nothing of the core."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from safer_streets_assets.disclosure.check_levels import (
    CheckedCell,
    Coords,
    LevelTable,
    row_parts,
    told_by_both,
)

TOTAL = "Total"
Counts = Mapping[CheckedCell, int]
CheckedSum = list[tuple[int, CheckedCell]]
"""A sum: how often each cell is added."""


@dataclass
class PrintedReleases:
    """What releases print: counts by cell, hidden cells with their threshold, rounded cells with
    their least and greatest count and their threshold, withheld cells, those of a row that is
    hidden whole, and sums that are zero, or not negative."""

    value: dict[CheckedCell, int] = field(default_factory=dict)
    hidden: dict[CheckedCell, int] = field(default_factory=dict)
    rounded: dict[CheckedCell, tuple[int, int, int]] = field(default_factory=dict)
    unseen: set[CheckedCell] = field(default_factory=set)
    may_be_zero: set[CheckedCell] = field(default_factory=set)
    zero: list[CheckedSum] = field(default_factory=list)
    not_negative: list[CheckedSum] = field(default_factory=list)
    tables: list[LevelTable] = field(default_factory=list)

    @property
    def cells(self) -> set[CheckedCell]:
        """All cells."""
        return {*self.value, *self.hidden, *self.rounded, *self.unseen}

    def allows(self, cell: CheckedCell, count: int) -> bool:
        """Whether a cell may have a count, for all that is said of this cell itself."""
        least = 1 if cell in self.hidden and cell not in self.may_be_zero else 0
        low, high, _ = self.rounded.get(cell, (least, count, 0))
        return max(least, low) <= count <= high and self.value.get(cell, count) == count

    def is_safe(self, cell: CheckedCell, count: int, other: int) -> bool:
        """Whether two counts that a cell may have show that it is safe."""
        reach = max(count, other)
        if cell in self.hidden:
            far = reach >= self.hidden[cell]
            return count != other and (far or (cell in self.may_be_zero and 0 in (count, other)))
        return min(count, other) == 0 or reach >= self.rounded[cell][2]

    def sums_by_cell(self) -> dict[CheckedCell, list[tuple[bool, CheckedSum]]]:
        """Cell to the sums it is in, and whether they are zero."""
        found: dict[CheckedCell, list[tuple[bool, CheckedSum]]] = defaultdict(list)
        for is_zero, sums in ((True, self.zero), (False, self.not_negative)):
            for terms in sums:
                for _, cell in terms:
                    found[cell].append((is_zero, terms))
        return found


def read_release(
    printed: PrintedReleases,
    number: int,
    path: Path,
    fallen: Collection[Any] = (),
    of_day: Collection[Any] = (),
) -> None:
    """Adds what a release folder prints, and what adds up in it, as its release.json says.

    `fallen` are the counts that cannot be taken to have grown since the releases before, `of_day`
    the links that held on the day, which it does not state.
    """
    structure = json.loads((path / "release.json").read_text("utf-8"))["structure"]
    cells: dict[tuple[str, str, Coords], CheckedCell] = {}
    rounding = structure.get("rounding", {"base": 1, "steps": 1})
    far = rounding["base"] * rounding["steps"] - 1
    for entry in structure["tables"]:
        with (path / "csv" / f"{entry['table']}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        _read_table(printed, number, entry, rows, structure["threshold"], cells, far)
    for table, said, measure in structure.get("present", ()):
        _, high, threshold = printed.rounded.get(
            cell := cells[table, measure, tuple(sorted(said.items()))], (0, 0, 0)
        )
        if threshold:
            printed.rounded[cell] = (max(1, printed.rounded[cell][0]), high, threshold)
    for link in (*structure["links"], *of_day):
        terms = [
            (times, cells.get((table, measure, tuple(sorted(said.items())))))
            for times, table, said, measure in link["terms"]
        ]
        known = [(times, cell) for times, cell in terms if cell is not None]
        if len(known) == len(terms):
            (printed.not_negative if link["is_count"] else printed.zero).append(known)
    everything = printed.cells
    for entry in structure["tables"]:
        fixed = entry["spec"]["fixed"]
        for (table, _, _), cell in cells.items() if fixed else ():
            if table == entry["spec"]["name"]:
                printed.not_negative += _rest_of_a_population(cell, fixed, everything)
    printed.not_negative += _growth(printed, everything, number, fallen)
    _tie_levels(printed, number, fallen)


def _read_table(
    printed: PrintedReleases,
    number: int,
    entry: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    threshold: int,
    cells: dict[tuple[str, str, Coords], CheckedCell],
    far: int,
) -> None:
    """`far` is how far a printed figure can be from its count: 0 where counts are not rounded."""
    spec = entry["spec"]
    grid: dict[tuple[str, ...], dict[str, CheckedCell]] = {}
    for place in entry["rows"]:
        row = rows[place]
        names = {d: row[entry["renamed"].get(d, d)] for d in spec["dimensions"]}
        said = {d: c for d, c in names.items() if c != TOTAL or d == spec["nested"]}
        coords = tuple(sorted({**said, **spec["fixed"]}.items()))
        grid[tuple(names.values())] = own = {}
        for measure in spec["measures"]:
            cell: CheckedCell = (number, spec["population"], measure, coords)
            own[measure] = cells[entry["spec"]["name"], measure, tuple(sorted(said.items()))] = cell
            if entry["withheld"]:
                printed.unseen.add(cell)
            elif row[measure] == "":
                printed.hidden[cell] = threshold
            elif far:
                figure = int(row[measure])
                printed.rounded[cell] = (max(figure - far, 0), figure + far, threshold)
            else:
                printed.value[cell] = int(row[measure])
    _add_sums(printed, spec, grid)
    _add_hidden_rows(printed, spec, grid)
    categories = {
        dimension: frozenset(key[axis] for key in grid) - {TOTAL}
        for axis, dimension in enumerate(spec["dimensions"])
    }
    printed.tables.append(LevelTable(number, spec, categories))


def _add_sums(
    printed: PrintedReleases,
    spec: Mapping[str, Any],
    grid: Mapping[tuple[str, ...], dict[str, CheckedCell]],
) -> None:
    for axis, dimension in enumerate(spec["dimensions"]):
        lines: dict[tuple[str, ...], dict[str, dict[str, CheckedCell]]] = defaultdict(dict)
        for key, own in grid.items():
            lines[key[:axis] + key[axis + 1 :]][key[axis]] = own
        for line in lines.values():
            for measure in spec["measures"]:
                if dimension == spec["nested"]:
                    ordered = [line[value][measure] for value in spec["nested_order"]]
                    printed.not_negative += [[(1, a), (-1, b)] for a, b in pairwise(ordered)]
                else:
                    tree = spec.get("hierarchies", {}).get(dimension, {})
                    for whole, parts in row_parts(list(line), tree):
                        added = [(1, line[part][measure]) for part in parts]
                        printed.zero.append([(-1, line[whole][measure]), *added])
    for own in grid.values():
        ordered = [own[measure] for measure in spec["nested_measures"]]
        printed.not_negative += [[(1, a), (-1, b)] for a, b in pairwise(ordered)]


def _add_hidden_rows(
    printed: PrintedReleases,
    spec: Mapping[str, Any],
    grid: Mapping[tuple[str, ...], dict[str, CheckedCell]],
) -> None:
    """In a row of a sensitive attribute that is hidden whole, a count may be 0."""
    if spec.get("sensitive") is None:
        return
    axis = spec["dimensions"].index(spec["sensitive"])
    lines: dict[tuple[str, ...], dict[str, dict[str, CheckedCell]]] = defaultdict(dict)
    for key, own in grid.items():
        if key[axis] != TOTAL:
            lines[key[:axis] + key[axis + 1 :]][key[axis]] = own
    everybody = lines[(TOTAL,) * (len(spec["dimensions"]) - 1)]
    for measure in spec["measures"]:
        empty = {name for name, own in everybody.items() if printed.value.get(own[measure]) == 0}
        for line in lines.values():
            kept = line.keys() if line is everybody else line.keys() - empty
            cells = {line[name][measure] for name in kept}
            if cells <= printed.hidden.keys():
                printed.may_be_zero |= cells


def _rest_of_a_population(
    cell: CheckedCell, fixed: Collection[str], everything: Collection[CheckedCell]
) -> Iterator[CheckedSum]:
    """A part of a population is no larger than the whole, where that stands in any table."""
    for size in range(1, len(fixed) + 1):
        for dropped in combinations(sorted(fixed), size):
            rest = tuple(pair for pair in cell[3] if pair[0] not in dropped)
            whole: CheckedCell = (cell[0], cell[1], cell[2], rest)
            if whole in everything:
                yield [(1, whole), (-1, cell)]


def _growth(
    printed: PrintedReleases,
    everything: Collection[CheckedCell],
    number: int,
    fallen: Collection[Any],
) -> Iterator[CheckedSum]:
    """Counts only grow from release to release, but for those that fell."""
    for cell in everything:
        if cell[0] != number:
            continue
        before = [old for r in range(number) if (old := (r, *cell[1:])) in everything]
        now = printed.value.get(cell)
        fell = now is not None and any(printed.value.get(old, 0) > now for old in before)
        if not fell and cell[1:] not in fallen:
            yield from ([(1, cell), (-1, old)] for old in before)


def _tie_levels(printed: PrintedReleases, number: int, fallen: Collection[Any]) -> None:
    """What tables at other levels of a hierarchy add: a group is the sum of its categories, in
    this release and, since counts grow, over releases."""
    newest = [table for table in printed.tables if table.release == number]
    told = [(told, n, o) for n in newest for o in printed.tables for told in told_by_both(n, o)]
    fell = set(fallen)
    for found, _, other in told:
        before, after = _sum(printed, found.other), _sum(printed, found.one)
        if other.release != number and before is not None and after is not None and before > after:
            fell.add(found.lasting)
    for found, _, other in told:
        terms = [(-1, cell) for cell in found.one] + [(1, cell) for cell in found.other]
        if other.release != number:
            if found.one and found.other and found.lasting not in fell:
                printed.not_negative.append([(-times, cell) for times, cell in terms])
        elif found.part:
            printed.not_negative.append(terms)
        else:
            printed.zero.append(terms)


def _sum(printed: PrintedReleases, cells: Sequence[CheckedCell]) -> int | None:
    values = [printed.value.get(cell) for cell in cells]
    return None if None in values else sum(value for value in values if value is not None)


def agrees(
    printed: PrintedReleases,
    sums: Mapping[CheckedCell, list[tuple[bool, CheckedSum]]],
    counts: Counts,
    moved: Collection[CheckedCell],
) -> bool:
    """Whether whole counts agree with what is said of the moved cells, and all sums they are in."""
    for cell in moved:
        if not printed.allows(cell, counts[cell]):
            return False
        for is_zero, terms in sums.get(cell, ()):
            added = sum(times * counts[part] for times, part in terms)
            if added < 0 or (is_zero and added):
                return False
    return True


def read_lasting(stored: Sequence[Any]) -> tuple[str, str, Coords]:
    """A count without its release, from JSON."""
    population, measure, coords = stored
    return (population, measure, tuple((d, c) for d, c in coords))


def read_cell(stored: Sequence[Any]) -> CheckedCell:
    """A count from JSON."""
    release, *lasting = stored
    return (release, *read_lasting(lasting))
