"""What the scales are called in a chart, in which points they are, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

from safer_streets_assets.policy import Policy


@dataclass(frozen=True)
class ChartScale:
    """A scale or single item as charts show it; `low` to `high` are the points of its scores."""

    code: str
    label: str
    low: int
    high: int
    lower_is_better: bool

    @property
    def points(self) -> str:
        """The unit of a change."""
        return f"points on a scale of {self.low} to {self.high}"


def chart_scales(policy: Policy) -> dict[str, ChartScale]:
    """The scales and single items of the questionnaire by code, in its order."""
    questionnaire = policy.questionnaire
    found = {}
    for code, scale in questionnaire.scales.items():
        if scale.score != "mean":
            continue
        label = f"{scale.name} ({code})"
        found[code] = ChartScale(code, label, *scale.range, scale.direction == "lower_better")
    for item in questionnaire.items:
        if item.id in questionnaire.scored_scales:
            label = f"{(item.name or item.text).replace('_', ' ').capitalize()} ({item.id})"
            scale = questionnaire.scales[item.scale]
            found[item.id] = ChartScale(item.id, label, *scale.range, item.better == "lower")
    return found
