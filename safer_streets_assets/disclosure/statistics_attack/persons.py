"""How closely a single person's score is known from a printed mean and standard deviation.

Of n scores with mean m none is further from it than s (n - 1) / sqrt(n), where s is their standard
deviation (Samuelson 1968), and none is below the greatest score by more than all are together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.figures import (
    Means,
    ReleaseRow,
    RowSystem,
)


def persons_found(system: RowSystem, means: Means, enough: float) -> Iterator[int]:
    """The rows of the new release by which a person's score is known within less than `enough` of
    its range: by themselves, or by whoever joined (or left) since an earlier release."""
    new = len(system.counts) - 1
    for row in range(system.counts.shape[1]):
        if not system.known[new, row] or np.isnan(means.mean[new, row]):
            continue
        alone = _of_row(system, means, (new, row))
        earlier = (s for s in range(new) if system.known[s, row])
        between = (_between(system, means, (s, row), (new, row)) for s in earlier)
        if min([alone, *between]) < enough:
            yield row


def _of_row(system: RowSystem, means: Means, cell: ReleaseRow) -> float:
    """The width for one person of a printed row. Its figures are taken at the end of what they may
    be before rounding at which they say most."""
    n = system.counts[cell]
    least, width, half = means.least[cell[1]], means.width[cell[1]], means.half
    mean = means.mean[cell]
    nearest = min(max(mean - half - least, 0.0), max(least + width - mean - half, 0.0))
    spread = means.sd[cell]
    if np.isnan(spread):
        return min(1.0, float(n * nearest / width))
    reach = max(spread - half, 0.0) * (n - 1) / np.sqrt(n)
    return min(1.0, float(n * nearest / width), float(2 * reach / width))


def _between(system: RowSystem, means: Means, before: ReleaseRow, after: ReleaseRow) -> float:
    """The width for one person of those by whom a row grew, from all that both figures may be."""
    some, more = sorted((before, after), key=lambda cell: float(system.counts[cell]))
    n = float(system.counts[more] - system.counts[some])
    if n < 1 or np.isnan(means.mean[[some[0], more[0]], some[1]]).any():
        return 1.0
    row, half = after[1], means.half
    least, width = means.least[row], means.width[row]
    total = [system.counts[cell] * (means.mean[cell] - least) for cell in (some, more)]
    error = half * float(system.counts[some] + system.counts[more])
    low, high = (float(total[1] - total[0] + way * error) for way in (-1, 1))
    known = min(width, max(high, 0.0), max(n * width - low, 0.0))
    spreads = [means.sd[cell] for cell in (some, more)]
    if np.isnan(spreads).any() or n < 2:
        return float(known / width)
    squares = [_squares(system, means, cell, way) for cell, way in ((some, -1), (more, 1))]
    middle = min(abs(low), abs(high)) if low * high > 0 else 0.0
    variance = max(squares[1] - squares[0] - middle**2 / n, 0.0) / (n - 1)
    mean_error = (high - low) / n
    return float(min(known, mean_error + 2 * np.sqrt(variance) * (n - 1) / np.sqrt(n)) / width)


def _squares(system: RowSystem, means: Means, cell: ReleaseRow, way: int) -> float:
    """The least (way -1) or greatest (1) sum of squares of a row, each above the least score."""
    n = system.counts[cell]
    mean = max(means.mean[cell] - means.least[cell[1]] + way * means.half, 0.0)
    spread = max(means.sd[cell] + way * means.half, 0.0)
    return float(n * mean**2 + (n - 1) * spread**2)
