"""Where the boxes and lines of the picture lie: rows from top to bottom, lanes between the boxes.

Layered drawing (Sugiyama, Tagawa and Toda 1981). A line that passes a row does so in a lane of its
own, so that no line runs through a box; lines that leave the same box share their lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from safer_streets_assets.console.flow import Box, Flow

BOX_WIDTH, LANE_WIDTH, SPACE = 142.0, 8.0, 14.0
LANE_WEIGHT = 8.0
SWEEPS = 24


@dataclass
class Slot:
    """A place in a row: a box, or (without one) the lane of the lines that leave `source`."""

    source: str
    row: int
    box: Box | None = None
    above: list[Slot] = field(default_factory=list)
    below: list[Slot] = field(default_factory=list)
    x: float = 0.0

    @property
    def width(self) -> float:
        """How much of the row it takes."""
        return BOX_WIDTH if self.box else LANE_WIDTH


def lay_out(flow: Flow, width: float) -> list[list[Slot]]:
    """The rows from top to bottom, their slots from left to right with the centres set."""
    rows = _slots(flow, _row_numbers(flow))
    rows = _ordered(rows)
    _place(rows, width)
    return rows


def _row_numbers(flow: Flow) -> dict[str, int]:
    """Each group begins below the one before; in it a box is one row below what it follows."""
    numbers: dict[str, int] = {}
    first = 0
    for group in flow.groups:
        waiting = [box for box in flow.boxes if box.group == group]
        own = {box.key for box in waiting}
        after_triggers = first + any(box.trigger for box in waiting)
        while waiting:
            ready = [box for box in waiting if not own & set(box.above) - set(numbers)]
            for box in ready:
                least = first if box.trigger else after_triggers
                above = [numbers[key] + 1 for key in box.above if key in numbers]
                numbers[box.key] = max([least, *above])
            waiting = [box for box in waiting if box.key not in numbers]
        first = max(numbers.values(), default=-1) + 1
    return numbers


def _slots(flow: Flow, numbers: dict[str, int]) -> list[list[Slot]]:
    rows: list[list[Slot]] = [[] for _ in range(max(numbers.values(), default=-1) + 1)]
    boxes = {box.key: Slot(box.key, numbers[box.key], box) for box in flow.boxes}
    for slot in boxes.values():
        rows[slot.row].append(slot)
    for key, slot in boxes.items():
        targets = [boxes[box.key] for box in flow.boxes if key in box.above]
        last = slot
        for row in range(slot.row + 1, max((t.row for t in targets), default=0) + 1):
            for target in targets:
                if target.row == row:
                    _join(last, target)
            if any(target.row > row for target in targets):
                lane = Slot(key, row)
                rows[row].append(lane)
                _join(last, lane)
                last = lane
    return rows


def _join(upper: Slot, lower: Slot) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _ordered(rows: list[list[Slot]]) -> list[list[Slot]]:
    """The order of the slots with the fewest crossings that the sweeps come upon."""
    best, fewest = rows, crossings(rows)
    current = rows
    for sweep in range(SWEEPS):
        current = [list(row) for row in current]
        down = sweep % 2 == 0
        for row in current[1:] if down else current[-2::-1]:
            places = {id(s): i for other in current for i, s in enumerate(other)}
            row.sort(key=lambda s: _barycentre(s.above if down else s.below, places, s))
        found = crossings(current)
        if found < fewest:
            best, fewest = current, found
    return best


def _barycentre(others: Sequence[Slot], places: dict[int, int], slot: Slot) -> float:
    if not others:
        return float(places[id(slot)])
    return sum(places[id(other)] for other in others) / len(others)


def crossings(rows: Sequence[Sequence[Slot]]) -> int:
    """How many pairs of lines cross between neighbouring rows."""
    count = 0
    for upper, lower in pairwise(rows):
        places = {id(slot): i for i, slot in enumerate(lower)}
        ends = [(i, places[id(s)]) for i, slot in enumerate(upper) for s in slot.below]
        count += sum(
            (a[0] - b[0]) * (a[1] - b[1]) < 0 for k, a in enumerate(ends) for b in ends[:k]
        )
    return count


def _place(rows: Sequence[Sequence[Slot]], width: float) -> None:
    """Sets the centres: boxes near what they are joined to, lanes straight down."""
    for row in rows:
        _settle(row, [width / 2 for _ in row], width)
    for sweep in range(2 * SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _settle(row, [_mean(s, s.above if sweep % 2 == 0 else s.below) for s in row], width)
    for _ in range(SWEEPS):
        for row in rows:
            wanted = [_mean(s, [*s.above, *s.below] if s.box is not None else s.above) for s in row]
            _settle(row, wanted, width)


def _mean(slot: Slot, others: Sequence[Slot]) -> float:
    return sum(other.x for other in others) / len(others) if others else slot.x


def _settle(row: Sequence[Slot], wanted: Sequence[float], width: float) -> None:
    """Centres in the given order, as near as can be (weighted least squares) to the wanted ones.

    Pool-adjacent-violators on the centres less the room that the slots before them need.
    """
    room = [0.0]
    for before, after in pairwise(row):
        room.append(room[-1] + (before.width + after.width) / 2 + SPACE)
    pools: list[tuple[float, float, int]] = []
    for slot, at, need in zip(row, wanted, room, strict=True):
        mean, weight, size = at - need, 1.0 if slot.box is not None else LANE_WEIGHT, 1
        while pools and pools[-1][0] > mean:
            other, more, count = pools.pop()
            mean = (mean * weight + other * more) / (weight + more)
            weight, size = weight + more, size + count
        pools.append((mean, weight, size))
    free = [mean for mean, _, size in pools for _ in range(size)]
    least = row[0].width / 2
    greatest = max(width - row[-1].width / 2 - room[-1], least)
    for slot, at, need in zip(row, free, room, strict=True):
        slot.x = min(max(at, least), greatest) + need
