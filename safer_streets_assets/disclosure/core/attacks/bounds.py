"""What an attacker can say of one count: its least and greatest possible value."""

from __future__ import annotations

from dataclasses import dataclass, field

from safer_streets_assets.disclosure.core.system.system import Place


@dataclass(frozen=True)
class CellBounds:
    """Bounds of a count that is not printed, of an implied count, or of a small printed one.

    `kind` is hidden, ranged (all that is printed is a range), withheld, printed, or what the
    implied count is (then `against` is the other cell). `low` and `high` are whole; None is no
    limit. `proven` is whether they are exact, each reached by a whole table that agrees with
    everything printed, and no wider; `safe` is whether that range is safe for `threshold`.
    """

    release: str
    table: str
    coords: dict[str, str]
    measure: str
    kind: str
    threshold: int
    low: int | None = field(repr=False)
    high: int | None = field(repr=False)
    proven: bool
    against: Place | None = None
    tables: frozenset[tuple[int, str]] = field(default=frozenset(), repr=False)

    @property
    def safe(self) -> bool:
        """Whether the range gives nobody away. Bounds that are not proven are not safe."""
        return self.proven and is_safe(self.kind, self.low, self.high, self.threshold)


def is_safe(kind: str, low: int | None, high: int | None, threshold: int) -> bool:
    """A hidden cell must not be derivable and must be able to reach the threshold (or 0, in a row
    that is hidden whole); a row must not be seen to have one category; any other count
    must not be known to be 1..threshold-1 people (or, for a change, as many fewer)."""
    if kind in ("printed", "one category"):
        return False
    wide = high is None or high >= threshold
    if kind == "hidden":
        return wide and low != high
    if kind == "hidden row":
        return low != high and (wide or low == 0)
    return wide or low is None or low <= -threshold or (low <= 0 <= (high or 0))
