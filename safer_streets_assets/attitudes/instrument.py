"""The questionnaire as scoring needs it: scales, items, keying, ranges and missing codes.

Only facts that change a score belong here; wordings, stages and labels stay in the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from safer_streets_assets.attitudes.errors import QuestionnaireError
from safer_streets_assets.policy.questionnaire import kind_of_missing

Direction = Literal["higher_better", "lower_better"]

_DIRECTION_LABELS: dict[Direction, str] = {
    "higher_better": "higher is better",
    "lower_better": "lower is better",
}


@dataclass(frozen=True)
class MissingCodes:
    """The codes of a question that are no answer, one for each kind of missing."""

    dont_know: int
    prefer_not: int
    not_answered: int

    def all(self) -> tuple[int, int, int]:
        """Return the three codes."""
        return (self.dont_know, self.prefer_not, self.not_answered)


@dataclass(frozen=True)
class Item:
    """One question of a scale; `key` is -1 when the item is reversed (low + high - code)."""

    code: str
    key: Literal[1, -1]


@dataclass(frozen=True)
class Norm:
    """The scores of a functional group, in score units, and where they were published."""

    mean: float
    sd: float
    source: str


@dataclass(frozen=True)
class Scale:
    """A set of items scored as the mean of the answered ones; a single item is a scale of one.

    `primary` scales form the family whose p-values are adjusted together (Holm); the others are
    exploratory (Benjamini-Hochberg). `norm` is that of a functional group, where there is one.
    `smallest_change` is the smallest mean change, in score units, that is of interest.
    """

    code: str
    name: str
    items: tuple[Item, ...]
    min_answered: int
    low: int
    high: int
    direction: Direction
    missing: MissingCodes
    primary: bool
    norm: Norm | None = None
    smallest_change: float | None = None

    @property
    def item_codes(self) -> list[str]:
        """The item columns in the questionnaire's order."""
        return [item.code for item in self.items]

    @property
    def direction_label(self) -> str:
        """The direction in words, as it is published."""
        return _DIRECTION_LABELS[self.direction]

    @property
    def benefit_sign(self) -> int:
        """+1 when a rise is a benefit, -1 when a fall is."""
        return 1 if self.direction == "higher_better" else -1


@dataclass(frozen=True)
class Instrument:
    """All scales of the questionnaire, in its order."""

    scales: tuple[Scale, ...]

    @property
    def primary(self) -> tuple[Scale, ...]:
        """The scales whose change is a planned test."""
        return tuple(scale for scale in self.scales if scale.primary)

    @property
    def exploratory(self) -> tuple[Scale, ...]:
        """The scales whose change is exploratory."""
        return tuple(scale for scale in self.scales if not scale.primary)

    def scale(self, code: str) -> Scale:
        """Return the scale with this code; raises QuestionnaireError when there is none."""
        for scale in self.scales:
            if scale.code == code:
                return scale
        raise QuestionnaireError("Ask for a scale that the questionnaire in the policy defines.")

    @classmethod
    def from_mapping(cls, questionnaire: Mapping[str, Any]) -> Instrument:
        """Read `scales`, `items` and `missing_codes` of the questionnaire's mapping.

        The change of a scale whose `analysis` is `primary` is a planned test. One scored as `single
        items only` becomes one scale an item, with the item's `better` as its direction. A scale
        may have its own `missing_codes`, else it has those of the questionnaire.
        One that is a mean may have a `norm` (mean, sd, source), each a `smallest_change`.
        Raises QuestionnaireError when the mapping has another structure.
        """
        try:
            scales = [
                scale
                for code, facts in questionnaire["scales"].items()
                for scale in _read_scales(code, facts, questionnaire)
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise QuestionnaireError(
                "Correct the questionnaire in the policy: each scale needs a range, a score and a"
                " direction, and each item an id, a scale and a key."
            ) from None
        _require_sound(scales)
        return cls(tuple(scales))


def _read_scales(
    code: str, facts: Mapping[str, Any], questionnaire: Mapping[str, Any]
) -> list[Scale]:
    items = [item for item in questionnaire["items"] if item["scale"] == code]
    missing = _read_missing(facts.get("missing_codes") or questionnaire["missing_codes"])
    low, high = (int(bound) for bound in facts["range"])
    primary = _is_primary(facts["analysis"])
    if facts["score"] == "mean":
        return [
            Scale(
                code=code,
                name=facts["name"],
                items=tuple(Item(item["id"], _read_key(item)) for item in items),
                min_answered=int(facts["min_answered"]),
                low=low,
                high=high,
                direction=_read_direction(facts["direction"]),
                missing=missing,
                primary=primary,
                norm=_read_norm(facts.get("norm"), low, high),
                smallest_change=_read_smallest(facts.get("smallest_change"), low, high),
            )
        ]
    return [
        Scale(
            code=item["id"],
            name=item["text"],
            items=(Item(item["id"], 1),),
            min_answered=1,
            low=low,
            high=high,
            direction=_read_direction(f"{item['better']}_better"),
            missing=missing,
            primary=primary,
            smallest_change=_read_smallest(facts.get("smallest_change"), low, high),
        )
        for item in items
    ]


def _read_key(item: Mapping[str, Any]) -> Literal[1, -1]:
    key = int(item["key"])
    if key not in (1, -1):
        raise ValueError("key")
    return cast(Literal[1, -1], key)


def _is_primary(analysis: str) -> bool:
    if analysis not in ("primary", "exploratory"):
        raise ValueError("analysis")
    return analysis == "primary"


def _read_direction(text: str) -> Direction:
    if text not in _DIRECTION_LABELS:
        raise ValueError("direction")
    return text


def _read_norm(facts: Mapping[str, Any] | None, low: int, high: int) -> Norm | None:
    if facts is None:
        return None
    norm = Norm(float(facts["mean"]), float(facts["sd"]), str(facts["source"]))
    if not (low <= norm.mean <= high and 0 < norm.sd <= high - low):
        raise ValueError("norm")
    return norm


def _read_smallest(change: float | None, low: int, high: int) -> float | None:
    if change is not None and not 0 < float(change) < high - low:
        raise ValueError("smallest_change")
    return None if change is None else float(change)


def _read_missing(codes: Mapping[Any, str]) -> MissingCodes:
    kinds = {
        kind: int(code)
        for code, label in codes.items()
        if (kind := kind_of_missing(label)) is not None
    }
    return MissingCodes(**kinds)


def _require_sound(scales: list[Scale]) -> None:
    columns = [item.code for scale in scales for item in scale.items]
    sound = (
        len({scale.code for scale in scales}) == len(scales)
        and len(set(columns)) == len(columns)
        and all(1 <= scale.min_answered <= len(scale.items) for scale in scales)
        and all(scale.low < scale.high for scale in scales)
        and not any(
            scale.low <= code <= scale.high for scale in scales for code in scale.missing.all()
        )
    )
    if not sound:
        raise QuestionnaireError(
            "Correct the questionnaire in the policy: scales and items need names of their own,"
            " min_answered must not exceed the items, and missing codes must lie outside the range."
        )
