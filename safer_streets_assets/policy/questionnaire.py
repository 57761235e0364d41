"""Typed models of `questionnaire.yaml`: scales, items, stage-specific questions, missing codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.sources import AgreedField

Stage = Literal["start", "mid", "end"]
WAVES: Mapping[Stage, int] = {"start": 1, "mid": 2, "end": 3}
"""The code of the wave at which a stage is asked."""
AnswerCode = Annotated[str, Field(pattern=r"^\d+$")]
"""A whole number, as the portal exports an answer."""


MISSING_KINDS: Mapping[str, str] = {
    "don't know": "dont_know",
    "prefer not": "prefer_not",
    "not answered": "not_answered",
}
"""How the label of a missing code begins, to the kind of missing that it is of."""


def kind_of_missing(label: str) -> str | None:
    """The kind of missing that a code with this label is of; None when it begins as none."""
    plain = label.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((kind for start, kind in MISSING_KINDS.items() if plain.startswith(start)), None)


class SurveyStage(PolicyModel):
    """When a wave is asked: at which session."""

    session: int = Field(ge=1)


class NormSpec(PolicyModel):
    """The scores of a functional group, keyed and in score units, and where they are published."""

    mean: float
    sd: float = Field(gt=0)
    source: str = Field(min_length=1)


class ScaleSpec(PolicyModel):
    """A scale: its range, how it is scored and analysed, and which direction is better.

    The change of a `primary` scale is a planned test, that of an `exploratory` one is not. A scale
    that is scored as the mean of its items has a direction and says of how many answers at least;
    of one of single items each item says its own. `licence` is what its owner asks to be said.
    Its items have `missing_codes` of their own where the other questions have others.
    `smallest_change` is the smallest mean change of interest, in score units: equivalence to no
    change is tested against it. With a `norm` clinically significant change can be classified;
    there is none by default.
    """

    name: str
    items: int
    range: tuple[int, int]
    score: Literal["mean", "single items only"]
    analysis: Literal["primary", "exploratory"]
    min_answered: int | None = None
    direction: Literal["higher_better", "lower_better"] | None = None
    licence: str | None = None
    norm: NormSpec | None = None
    smallest_change: float | None = Field(default=None, gt=0)
    missing_codes: dict[AnswerCode, str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _smallest_change_fits(self) -> ScaleSpec:
        width = self.range[1] - self.range[0]
        if self.smallest_change is not None and self.smallest_change >= width:
            raise ValueError(f"smallest_change must be below {width}, the width of the range")
        return self

    @model_validator(mode="after")
    def _is_scored(self) -> ScaleSpec:
        own = (self.min_answered, self.direction)
        if self.range[0] >= self.range[1]:
            raise ValueError("range is the least and the greatest answer; correct it")
        if self.score == "mean" and None in own:
            raise ValueError("a mean needs min_answered and a direction; give both")
        if self.score == "mean" and not 1 <= (self.min_answered or 0) <= self.items:
            raise ValueError(f"min_answered must lie between 1 and {self.items}; correct it")
        if self.score != "mean" and own != (None, None):
            raise ValueError(
                "single items have neither min_answered nor a direction of the scale; take it out"
            )
        if self.score != "mean" and self.analysis == "primary":
            raise ValueError(
                "analysis: single items are exploratory, and a primary scale is scored as a mean; "
                "correct one"
            )
        return self

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
    """An item of a scale, asked at every stage.

    An item of a mean has its key (-1 is reversed); a single item its direction, and the name that
    charts give it.
    """

    id: str
    scale: str
    text: str
    name: str | None = None
    key: Literal[1, -1] | None = None
    better: Literal["higher", "lower"] | None = None


class StageQuestion(PolicyModel):
    """A question asked at one stage only.

    `table` is the table of tables.yaml in which its answers, or those of its `options` that are
    ticked, are published; without one they are not. Whoever ticks an option `not_in_base` is in the
    base of no other option. `purpose` is that of the agreed field, where it is not the usual one.
    """

    id: str
    stage: Stage
    kind: Literal["scale", "likert", "multiple", "text"]
    text: str
    range: tuple[int, int] | None = None
    labels: dict[str, str] = {}
    options: dict[str, str] = {}
    not_in_base: list[str] = []
    purpose: str | None = None
    table: SnakeName | None = None

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> StageQuestion:
        counted = self.kind in ("scale", "likert")
        if (self.kind == "multiple") != bool(self.options):
            raise ValueError("options are what may be ticked: give them with kind multiple only")
        if set(self.not_in_base) - set(self.options):
            raise ValueError("not_in_base names something that is no option; correct it")
        if counted != (self.range is not None):
            raise ValueError("range is that of a scale or likert: give it with these kinds only")
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError("range is the least and the greatest answer; correct it")
        if self.kind == "multiple" and self.table is None:
            raise ValueError("no table publishes its options; name it under table")
        if self.kind == "text" and self.table is not None:
            raise ValueError("a text may name people and is in no table; take table out")
        if self.labels and (self.kind != "scale" or self.table is None):
            raise ValueError(
                "labels are those of a scale that a table publishes, and nobody would print them; "
                "take them out"
            )
        if self.labels and list(self.labels) != self.answers:
            raise ValueError(
                f"labels are of the answers {', '.join(self.answers)}; give each its own"
            )
        return self

    @property
    def answers(self) -> list[str]:
        """The answers that may be given, from the least to the greatest; none to a text, and none
        where options are ticked."""
        low, high = self.range or (0, -1)
        return [str(answer) for answer in range(low, high + 1)]


class Questionnaire(PolicyModel):
    """The whole of `questionnaire.yaml`."""

    stages: dict[Stage, SurveyStage]
    value_labels_likert: dict[str, str]
    missing_codes: dict[AnswerCode, str]
    scales: dict[str, ScaleSpec]
    items: list[ItemSpec] = Field(min_length=1)
    stage_specific: list[StageQuestion]

    @property
    def primary_scales(self) -> list[str]:
        """Scales whose change is a planned test, in the order of the file."""
        return [name for name, scale in self.scales.items() if scale.analysis == "primary"]

    @property
    def mean_scales(self) -> list[str]:
        """Scales that are a mean of several items, so that they have a reliability."""
        return [n for n, scale in self.scales.items() if scale.score == "mean" and scale.items > 1]

    @property
    def scored_scales(self) -> list[str]:
        """Everything that gets a score, in the order of the file: means, and single items."""
        return [
            scored
            for name, scale in self.scales.items()
            for scored in ([name] if scale.score == "mean" else self._items_of(name))
        ]

    def _items_of(self, scale: str) -> list[str]:
        return [item.id for item in self.items if item.scale == scale]

    def missing_codes_of(self, scale: str) -> dict[str, str]:
        """Code to label of what stands for no answer to the items of a scale."""
        return self.scales[scale].missing_codes or self.missing_codes

    @property
    def lists_of_questions(self) -> list[str]:
        """The named lists of what the published tables of questions count: options under the
        table's own name, questions under `<table>_questions`."""
        published = [one for one in self.stage_specific if one.table is not None]
        names = [f"{one.table}" if one.options else f"{one.table}_questions" for one in published]
        return list(dict.fromkeys(names))

    @property
    def options_not_in_base(self) -> list[str]:
        """The options whose ticking takes somebody out of the base of the others."""
        return [option for question in self.stage_specific for option in question.not_in_base]

    @property
    def experience_labels(self) -> dict[str, dict[str, str]]:
        """Answer to label of each published question whose answers have any."""
        return {
            question.id: question.labels or self.value_labels_likert
            for question in self.stage_specific
            if question.table and (question.labels or question.kind == "likert")
        }

    @property
    def published_answers(self) -> dict[str, list[str]]:
        """The answers that may be given to each question whose answers are published."""
        asked = [one for one in self.stage_specific if one.table and not one.options]
        return {question.id: question.answers for question in asked}

    def agreed_fields(self) -> list[AgreedField]:
        """The questionnaire's columns as agreed fields of the attendee survey."""
        missing = [int(code) for code in self.missing_codes]
        fields = []
        for item in self.items:
            own = [int(code) for code in self.missing_codes_of(item.scale)]
            value_range = self.scales[item.scale].range
            fields.append(_field(item.id, "integer", "Attitude scores", value_range, own))
        for question in self.stage_specific:
            if question.kind == "text":
                fields.append(_field(question.id, "text", "Themes; may name people", None, []))
            elif question.kind == "multiple":
                fields += [
                    _field(
                        option,
                        "integer",
                        question.purpose or "Answers that people tick",
                        (0, 1),
                        missing,
                    )
                    for option in question.options
                ]
            else:
                purpose = question.purpose or "Experience of the programme"
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
