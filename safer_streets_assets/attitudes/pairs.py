"""Which scores belong together: the scores of each person of the linked cohort, wave by wave.

All primary scales are analysed over the same people. Somebody's primary scores of a wave count only
where they have all of them, so that no two scales differ by the few who answered one and not the
other: such a difference would be a small number of people, and would have to be hidden. The other
scales have the people of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.as_read import alike, whole_numbers
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.floats import CHANGE_DECIMALS, as_floats
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.scoring import require_columns


@dataclass(frozen=True)
class Comparison:
    """Two waves compared: `first` is called start and `last` end, whichever waves they are."""

    name: str
    first: int
    last: int


START_END = Comparison("start-end", 1, 3)
START_MIDDLE = Comparison("start-middle", 1, 2)
MIDDLE_END = Comparison("middle-end", 2, 3)
COMPARISONS = (START_END, START_MIDDLE, MIDDLE_END)

BETTER = "better"
WORSE = "worse"
NO_CLEAR_CHANGE = "no clear change"


@dataclass(frozen=True)
class ScoreCube:
    """The scores of some scales and waves, one place for each person of the linked cohort.

    `values` is scales x waves x people in the order of `scales`, `waves` and `people` (person_id),
    in score units, NaN where a person has no score.
    """

    people: pd.Index
    scales: tuple[str, ...]
    waves: tuple[int, ...]
    values: NDArray[np.float64]

    def at(self, scale: str, wave: int) -> NDArray[np.float64]:
        """Each person's score of one scale and wave."""
        return np.asarray(self.values[self.scales.index(scale), self.waves.index(wave)])

    def pairs(self, scale: str, comparison: Comparison) -> pd.DataFrame:
        """One row per person, indexed by person_id: start and end (Float64)."""
        waves = {"start": comparison.first, "end": comparison.last}
        return pd.DataFrame(
            {name: pd.array(self.at(scale, wave), dtype="Float64") for name, wave in waves.items()},
            index=self.people,
        )


def analysis_cube(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    comparisons: Iterable[Comparison],
) -> ScoreCube:
    """The scores of all scales of the instrument that are analysed, at the waves of comparisons.

    A person has a primary score of a wave here only where they have one of every primary scale.
    `scores` and `people` are as for `score_cube`, which raises AttitudesError for both.
    """
    codes = [scale.code for scale in instrument.scales]
    together = {scale.code for scale in instrument.primary}
    return score_cube(scores, people, codes, waves_of(comparisons), together=together)


def score_cube(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    scales: Iterable[str],
    waves: Iterable[int],
    *,
    together: Collection[str] = (),
) -> ScoreCube:
    """Put the scores of the linked cohort in their places: each person is looked up once.

    `scores` has person_id, wave, scale and score; scores of people who are not in `people`, of
    other scales and of other waves are left out, and those of the scales `together` wherever a
    person lacks one of them at that wave. Raises AttitudesError when a person stands twice in
    `people` or has two scores of one of these scales and waves, or a score is not a number.
    """
    require_columns(scores, ["person_id", "wave", "scale", "score"], "scores")
    require_one_row_per_person(people)
    wanted_scales, wanted_waves = tuple(scales), tuple(dict.fromkeys(waves))
    theirs, own = alike(scores["person_id"], people["person_id"])
    index, keys = pd.Index(people["person_id"], name="person_id"), pd.Index(own)
    shape = (len(wanted_scales), len(wanted_waves))
    scale = _places(scores["scale"], wanted_scales)
    wave = _places(_waves(scores["wave"]), wanted_waves)
    person, known = _people(theirs.to_numpy(), scale)
    counts = (scale >= 0) & (wave >= 0) & (person >= 0)
    plane = scale[counts] * shape[1] + wave[counts]
    person = person[counts]
    _require_one_score(plane * len(known) + person, shape[0] * shape[1] * len(known))
    place = keys.get_indexer(pd.Index(known))[person]
    mine = place >= 0
    values = np.full((*shape, len(index)), np.nan)
    given = as_floats(scores["score"])[counts]
    values.reshape(-1)[plane[mine] * len(index) + place[mine]] = given[mine]
    family = [at for at, code in enumerate(wanted_scales) if code in together]
    lacking = np.isnan(values[family]).any(axis=0)
    values[family] = np.where(lacking, np.nan, values[family])
    return ScoreCube(index, wanted_scales, wanted_waves, values)


def waves_of(comparisons: Iterable[Comparison]) -> tuple[int, ...]:
    """The waves that the comparisons need, each once."""
    return tuple(dict.fromkeys(wave for c in comparisons for wave in (c.first, c.last)))


def change_of(pairs: pd.DataFrame) -> pd.Series:
    """Return end minus start of complete pairs, free of floating-point noise."""
    return (pairs["end"] - pairs["start"]).round(CHANGE_DECIMALS)


def reading_of(low: float | None, high: float | None, scale: Scale) -> str | None:
    """Say what the interval of a change means in the scale's own direction; None stays None.

    An interval that spans or touches 0 is no clear change. A rise of a scale on which lower is
    better (anxiety) reads as worse. Rounding noise is no change.
    """
    if low is None or high is None:
        return None
    least, most = sorted(round(x, CHANGE_DECIMALS) * scale.benefit_sign for x in (low, high))
    return BETTER if least > 0 else WORSE if most < 0 else NO_CLEAR_CHANGE


def require_one_row_per_person(people: pd.DataFrame) -> None:
    """Raise AttitudesError unless every row of `people` is another, known person."""
    require_columns(people, ["person_id"], "people")
    if people["person_id"].isna().any() or people["person_id"].duplicated().any():
        raise AttitudesError("Hand over the linked cohort with exactly one row per person.")


def _waves(values: pd.Series) -> pd.Series:
    """The waves as numbers, also where they were read as text."""
    return values if pd.api.types.is_numeric_dtype(values) else whole_numbers(values, "wave")


def _places(values: pd.Series, wanted: Sequence[object]) -> NDArray[np.intp]:
    """The place of each value among those wanted, -1 for any other and for a missing one."""
    codes, found = pd.factorize(values)
    place = {value: i for i, value in enumerate(wanted)}
    places = np.array([*(place.get(value, -1) for value in found), -1], dtype=np.intp)
    return np.asarray(places[codes])


def _people(ids: NDArray[Any], scale: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """The number of each row's person (-1 for nobody), and the people in the order of numbers.

    Scores come scale by scale over the same responses. Where they do, only those of the first scale
    are looked up: comparing is many times faster than looking up.
    """
    changes = np.flatnonzero(scale[1:] != scale[:-1])
    block = int(changes[0]) + 1 if changes.size else len(ids)
    times, rest = divmod(len(ids), max(block, 1))
    alike = rest == 0 and all(
        np.array_equal(ids[:block], ids[i * block : (i + 1) * block]) for i in range(1, times)
    )
    codes, known = pd.factorize(ids[:block] if alike else ids)
    return np.tile(codes, times) if alike else codes, np.asarray(known)


def _require_one_score(cells: NDArray[np.intp], n_cells: int) -> None:
    taken = np.zeros(n_cells, dtype=bool)
    taken[cells] = True
    if np.count_nonzero(taken) < len(cells):
        raise AttitudesError("Choose one response per person and wave before scores are compared.")
