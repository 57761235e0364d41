"""Typed models of `questionnaire.yaml`: scales, items, stage-specific questions, missing codes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel
from safer_streets_assets.policy.sources import AgreedField

Stage = Literal["start", "mid", "end"]


class SurveyStage(PolicyModel):
    """When a wave is asked: its session, and the window of sessions around it."""

    session: int
    window: tuple[int, int]


class NormSpec(PolicyModel):
    """The scores of a functional group, keyed and in score units, and where they are published."""

    mean: float
    sd: float = Field(gt=0)
    source: str = Field(min_length=1)


class ScaleSpec(PolicyModel):
    """A scale: its range, how it is scored, and which direction is better.

    With a `norm` clinically significant change can be classified; there is none by default.
    """

    name: str
    items: int
    range: tuple[int, int]
    score: Literal["mean", "single items only"]
    min_answered: int | None = None
    direction: Literal["higher_better", "lower_better"] | None = None
    thresholds: dict[str, str] | None = None
    licence: str | None = None
    norm: NormSpec | None = None

    @model_validator(mode="after")
    def _norm_fits(self) -> ScaleSpec:
        if self.norm is None:
            return self
        if self.score != "mean":
            raise ValueError("norm: single items have no reliable change; leave the norm out")
        low, high = self.range
        if not low <= self.norm.mean <= high:
            raise ValueError(f"norm.mean must lie between {low} and {high}, the range of the scale")
        if self.norm.sd > high - low:
            raise ValueError(f"norm.sd must not exceed {high - low}, the width of the range")
        return self


class ItemSpec(PolicyModel):
    """An item of a scale: its key (-1 is reversed) or, for a single item, its direction."""

    id: str
    scale: str
    text: str
    response: Literal["likert5", "0-10"]
    stages: list[Stage]
    name: str | None = None
    key: Literal[1, -1] | None = None
    better: Literal["higher", "lower"] | None = None


class StageQuestion(PolicyModel):
    """A question asked at one stage only."""

    id: str
    stage: Stage
    kind: Literal["scale", "likert", "multiple", "text"]
    text: str
    range: tuple[int, int] | None = None
    labels: dict[str, str] = {}
    options: dict[str, str] = {}
    experience: bool = False


class Questionnaire(PolicyModel):
    """The whole of `questionnaire.yaml`."""

    version: str
    stages: dict[Stage, SurveyStage]
    source_scale_note: str
    value_labels_likert: dict[str, str]
    missing_codes: dict[str, str]
    ons4_missing_codes: dict[str, str]
    scales: dict[str, ScaleSpec]
    items: list[ItemSpec] = Field(min_length=1)
    stage_specific: list[StageQuestion]

    @model_validator(mode="after")
    def _items_belong_to_scales(self) -> Questionnaire:
        for name, scale in self.scales.items():
            count = sum(item.scale == name for item in self.items)
            if count != scale.items:
                raise ValueError(f"scale {name} says {scale.items} items and has {count}")
        for item in self.items:
            if item.scale not in self.scales:
                raise ValueError(f"item {item.id} is of scale {item.scale}, not under scales")
        return self

    @property
    def primary_scales(self) -> list[str]:
        """Scales scored as a mean of their items, in the order of the file."""
        return [name for name, scale in self.scales.items() if scale.score == "mean"]

    @property
    def scored_scales(self) -> list[str]:
        """Everything that gets a score: the primary scales, then the single items."""
        single = [item.id for item in self.items if self.scales[item.scale].score != "mean"]
        return self.primary_scales + single

    def question(self, question_id: str) -> StageQuestion:
        """The stage-specific question of that id; KeyError when there is none."""
        for question in self.stage_specific:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    @property
    def experience_labels(self) -> dict[str, dict[str, str]]:
        """Answer to label of each question about the programme whose answers have any."""
        return {
            question.id: question.labels or self.value_labels_likert
            for question in self.stage_specific
            if question.experience and (question.labels or question.kind == "likert")
        }

    def agreed_fields(self) -> list[AgreedField]:
        """The questionnaire's columns as agreed fields of the attendee survey."""
        missing = [int(code) for code in self.missing_codes]
        fields = [
            _field(item.id, "integer", "Attitude scores", self.scales[item.scale].range, missing)
            for item in self.items
        ]
        for question in self.stage_specific:
            if question.kind == "text":
                fields.append(_field(question.id, "text", "Themes; may name people", None, []))
            elif question.kind == "multiple":
                fields += [
                    _field(option, "integer", "Reasons for carrying a knife", (0, 1), missing)
                    for option in question.options
                ]
            else:
                purpose = "Experience of the programme"
                fields.append(_field(question.id, "integer", purpose, question.range, missing))
        return fields


def _field(
    column: str, kind: str, purpose: str, value_range: tuple[int, int] | None, missing: list[int]
) -> AgreedField:
    raw: dict[str, Any] = {
        "name": column.lower(),
        "headers": [column],
        "class": "free text" if kind == "text" else "plain",
        "kind": kind,
        "purpose": purpose,
        "range": value_range,
        "missing_codes": missing,
    }
    return AgreedField.model_validate(raw)
