"""Checks the witnesses of every release by addition alone: no solver, nothing of the core.

`python -m safer_streets_assets.disclosure.check_witnesses --data DIR` reads what was printed from
the release folders, and from the restricted store the whole table and the witnesses that were kept.
For each hidden count it asks for two whole tables that agree with everything printed and disagree
on that count, of which one reaches the threshold; for each rounded count below the threshold, for
one that has it at 0 or at the threshold or more. For each cell that holds one person it asks for
tables that leave it at 1 and disagree on each small count of other people. It says how many there
are, and no count.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from safer_streets_assets.disclosure.check_levels import LevelTable, row_parts, told_by_both
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder, open_stores

TOTAL = "Total"
Coords = tuple[tuple[str, str], ...]
Cell = tuple[int, str, str, Coords]
"""A count: release (0 is the oldest), population, measure, categories."""
Counts = Mapping[Cell, int]
Terms = list[tuple[int, Cell]]
"""A sum: how often each cell is added."""


class WitnessError(SaferStreetsError):
    """A release has a hidden count that its witnesses do not show to be safe."""


@dataclass
class Printed:
    """What releases print: counts by cell, hidden cells with their threshold, rounded cells with
    their least and greatest count and their threshold, withheld cells, and sums that are zero, or
    not negative."""

    value: dict[Cell, int] = field(default_factory=dict)
    hidden: dict[Cell, int] = field(default_factory=dict)
    rounded: dict[Cell, tuple[int, int, int]] = field(default_factory=dict)
    unseen: set[Cell] = field(default_factory=set)
    zero: list[Terms] = field(default_factory=list)
    not_negative: list[Terms] = field(default_factory=list)
    tables: list[LevelTable] = field(default_factory=list)

    @property
    def cells(self) -> set[Cell]:
        """All cells."""
        return {*self.value, *self.hidden, *self.rounded, *self.unseen}

    def allows(self, cell: Cell, count: int) -> bool:
        """Whether a cell may have a count, for all that is said of this cell itself."""
        least = 1 if cell in self.hidden else 0
        low, high, _ = self.rounded.get(cell, (least, count, 0))
        return max(least, low) <= count <= high and self.value.get(cell, count) == count

    def is_safe(self, cell: Cell, count: int, other: int) -> bool:
        """Whether two counts that a cell may have show that it is safe."""
        reach = max(count, other)
        if cell in self.hidden:
            return count != other and reach >= self.hidden[cell]
        return min(count, other) == 0 or reach >= self.rounded[cell][2]

    def sums_by_cell(self) -> dict[Cell, list[tuple[bool, Terms]]]:
        """Cell to the sums it is in, and whether they are zero."""
        found: dict[Cell, list[tuple[bool, Terms]]] = defaultdict(list)
        for is_zero, sums in ((True, self.zero), (False, self.not_negative)):
            for terms in sums:
                for _, cell in terms:
                    found[cell].append((is_zero, terms))
        return found


def read_release(printed: Printed, number: int, path: Path, fallen: Collection[Any] = ()) -> None:
    """Adds what a release folder prints, and what adds up in it, as its release.json says.

    `fallen` are the counts that cannot be taken to have grown since the releases before.
    """
    structure = json.loads((path / "release.json").read_text("utf-8"))["structure"]
    cells: dict[tuple[str, str, Coords], Cell] = {}
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
    for link in structure["links"]:
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
    printed: Printed,
    number: int,
    entry: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    threshold: int,
    cells: dict[tuple[str, str, Coords], Cell],
    far: int,
) -> None:
    """`far` is how far a printed figure can be from its count: 0 where counts are not rounded."""
    spec = entry["spec"]
    grid: dict[tuple[str, ...], dict[str, Cell]] = {}
    for place in entry["rows"]:
        row = rows[place]
        names = {d: row[entry["renamed"].get(d, d)] for d in spec["dimensions"]}
        said = {d: c for d, c in names.items() if c != TOTAL or d == spec["nested"]}
        coords = tuple(sorted({**said, **spec["fixed"]}.items()))
        grid[tuple(names.values())] = own = {}
        for measure in spec["measures"]:
            cell: Cell = (number, spec["population"], measure, coords)
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
    categories = {
        dimension: frozenset(key[axis] for key in grid) - {TOTAL}
        for axis, dimension in enumerate(spec["dimensions"])
    }
    printed.tables.append(LevelTable(number, spec, categories))


def _add_sums(
    printed: Printed, spec: Mapping[str, Any], grid: Mapping[tuple[str, ...], dict[str, Cell]]
) -> None:
    for axis, dimension in enumerate(spec["dimensions"]):
        lines: dict[tuple[str, ...], dict[str, dict[str, Cell]]] = defaultdict(dict)
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


def _rest_of_a_population(
    cell: Cell, fixed: Collection[str], everything: Collection[Cell]
) -> Iterator[Terms]:
    """A part of a population is no larger than the whole, where that stands in any table."""
    for size in range(1, len(fixed) + 1):
        for dropped in combinations(sorted(fixed), size):
            rest = tuple(pair for pair in cell[3] if pair[0] not in dropped)
            whole: Cell = (cell[0], cell[1], cell[2], rest)
            if whole in everything:
                yield [(1, whole), (-1, cell)]


def _growth(
    printed: Printed, everything: Collection[Cell], number: int, fallen: Collection[Any]
) -> Iterator[Terms]:
    """Counts only grow from release to release, but for those that fell."""
    for cell in everything:
        if cell[0] != number:
            continue
        before = [old for r in range(number) if (old := (r, *cell[1:])) in everything]
        now = printed.value.get(cell)
        fell = now is not None and any(printed.value.get(old, 0) > now for old in before)
        if not fell and cell[1:] not in fallen:
            yield from ([(1, cell), (-1, old)] for old in before)


def _tie_levels(printed: Printed, number: int, fallen: Collection[Any]) -> None:
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


def _sum(printed: Printed, cells: Sequence[Cell]) -> int | None:
    values = [printed.value.get(cell) for cell in cells]
    return None if None in values else sum(value for value in values if value is not None)


def check_release(printed: Printed, kept: Mapping[str, Any]) -> int:
    """How many hidden counts the kept witnesses show to be safe: all that `printed` hides.

    Raises:
        WitnessError: the kept table or a witness contradicts what is printed, or a hidden count
            has no two tables; without a count.
    """
    counts = {_cell(cell): int(count) for cell, count in kept["counts"]}
    sums = printed.sums_by_cell()
    if set(counts) != printed.cells or not _agrees(printed, sums, counts, counts):
        raise WitnessError(
            "The whole table that was kept of a release is not what the releases print; do not "
            "publish, and materialise protected_tables again."
        )
    aimed = {
        cell
        for cell in {*printed.hidden, *printed.rounded}
        if cell in printed.hidden or 0 < counts[cell] < printed.rounded[cell][2]
    }
    safe: set[Cell] = set()
    agreed = _Insiders(printed, counts, sums, {_lasting(cell) for cell in kept["alone"]})
    for moved in map(_moved, kept["more"]):
        if _agrees(printed, sums, _changed(counts, moved), moved):
            agreed.add(moved)
    for witness in kept["witnesses"]:
        moved = _moved(witness["moved"])
        other = _changed(counts, moved)
        aims = {_cell(cell) for cell in witness["cells"]}
        if len(aims) > 1 or not aims <= aimed:
            continue
        (aim,) = aims
        if printed.is_safe(aim, counts[aim], other[aim]) and _agrees(printed, sums, other, moved):
            safe.add(aim)
            agreed.add(moved)
    if agreed.open:
        raise WitnessError(
            "Somebody alone in a hidden cell of a release may derive others, as far as the whole "
            "tables that were kept show; do not publish, and materialise protected_tables again."
        )
    if safe != aimed:
        raise WitnessError(
            "A hidden count of a release has no two whole tables that agree with what is printed "
            "and disagree on it; do not publish, and materialise protected_tables again."
        )
    return len(safe)


class _Insiders:
    """For each small count that is not printed, the people alone in a cell who may still derive it.

    A count of 1 may be the very person when it is on the other side of a sum, directly or by way of
    other cells of one person; a difference of 1 may always be.
    """

    def __init__(
        self,
        printed: Printed,
        counts: Counts,
        sums: Mapping[Cell, list[tuple[bool, Terms]]],
        alone: Collection[tuple[str, str, Coords]],
    ) -> None:
        unseen = {*printed.hidden, *printed.unseen} - set(printed.value)
        newest = max((cell[0] for cell in unseen), default=0)
        self.single = {c for c in unseen if c[0] == newest and c[1:] in alone}
        self.left: dict[Any, set[Cell]] = {}
        self.sums: dict[Cell, list[tuple[int, int]]] = defaultdict(list)
        small = range(1, max(printed.hidden.values(), default=1))
        for cell in unseen:
            if counts[cell] in small:
                self.left[cell] = self.single - {cell}
        for single in self.single:
            for same in _same_person(single, counts, sums):
                self.left.get(same, set()).discard(single)
        for row, terms in enumerate(printed.not_negative):
            if sum(k * counts[cell] for k, cell in terms) in small[1:]:
                self.left[row] = set(self.single)
                for k, cell in terms:
                    self.sums[cell].append((row, k))

    @property
    def open(self) -> bool:
        """Whether somebody may derive a count."""
        return any(self.left.values())

    def add(self, moved: Mapping[Cell, int]) -> None:
        """Takes note of a whole table that agrees with everything printed."""
        by: dict[Any, int] = defaultdict(int, moved)
        for cell, change in moved.items():
            for row, k in self.sums.get(cell, ()):
                by[row] += k * change
        stirred = {cell for cell in self.single if by.get(cell)}
        for count, change in by.items():
            if change and count in self.left:
                self.left[count] &= stirred


def _same_person(
    single: Cell, counts: Counts, sums: Mapping[Cell, list[tuple[bool, Terms]]]
) -> set[Cell]:
    found, todo = {single}, [single]
    while todo:
        one = todo.pop()
        for _, terms in sums.get(one, ()):
            own = next(k for k, cell in terms if cell == one)
            for k, cell in terms:
                if k * own < 0 and counts[cell] == 1 and cell not in found:
                    found.add(cell)
                    todo.append(cell)
    return found


def check_folder(folder: DataFolder) -> list[tuple[str, int]]:
    """For each release of a data folder its id and how many hidden counts its witnesses prove,
    those of the releases before it included."""
    if not all(folder.database(store).exists() for store in ("restricted", "registers")):
        raise WitnessError("Nothing has been published from this data folder; name the right one.")
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        releases = connection.execute(
            "SELECT release_id, not_monotone, witnesses FROM registers.releases "
            "LEFT JOIN restricted.release_secrets USING (number) ORDER BY number"
        ).fetchall()
    checked = []
    printed = Printed()
    for number, (release_id, fallen, witnesses) in enumerate(releases):
        if witnesses is None:
            raise WitnessError(
                f"The restricted store keeps no witnesses of {release_id}; restore it from its "
                "backup."
            )
        fell = {_lasting(count) for count in json.loads(fallen)}
        read_release(printed, number, folder.releases / release_id, fell)
        checked.append((release_id, check_release(printed, json.loads(witnesses))))
    return checked


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks a data folder and says what was found; 1 when a release is not proven."""
    parser = argparse.ArgumentParser(prog="check_witnesses", description="Checks witnesses.")
    parser.add_argument("--data", default=None, help="the data folder")
    try:
        found = check_folder(DataFolder.locate(parser.parse_args(arguments).data))
    except SaferStreetsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for release_id, number in found:
        sys.stdout.write(f"{release_id}: two whole tables for each of {number} hidden counts\n")
    return 0


def _moved(stored: Sequence[Any]) -> dict[Cell, int]:
    return {_cell(cell): int(by) for cell, by in stored}


def _changed(counts: Mapping[Cell, int], moved: Mapping[Cell, int]) -> dict[Cell, int]:
    return {**counts, **{cell: counts[cell] + by for cell, by in moved.items()}}


def _agrees(
    printed: Printed,
    sums: Mapping[Cell, list[tuple[bool, Terms]]],
    counts: Counts,
    moved: Collection[Cell],
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


def _lasting(stored: Sequence[Any]) -> tuple[str, str, Coords]:
    population, measure, coords = stored
    return (population, measure, tuple((d, c) for d, c in coords))


def _cell(stored: Sequence[Any]) -> Cell:
    release, *lasting = stored
    return (release, *_lasting(lasting))


if __name__ == "__main__":
    sys.exit(main())
