"""Typed models of `report` in `tables.yaml`: what the report of this evaluation alone says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName

SectionKind = Literal[
    "funnel",
    "throughput",
    "places",
    "reasons",
    "sessions",
    "experience",
    "change",
    "linkage",
]


class ReportSectionRules(PolicyModel):
    """A section that shows tables: its heading, what the names of its tables begin with, and the
    tables that it is about, of which it says so when one is not there. `anchor` is what a link to
    it ends with, where that is not the name of the section here."""

    title: str
    tables: list[SnakeName] = Field(min_length=1)
    about: list[SnakeName] = []
    anchor: SnakeName | None = None


class MonthsShown(PolicyModel):
    """The stages that are drawn by month, one below the other; what the months are, and what that
    means for the latest of them."""

    stages: list[str] = Field(min_length=1)
    says: str
    limit: str


class PlacesShown(PolicyModel):
    """The picture of people by place, at one stage, and the choice of a place that a reader has.

    `title` begins the title of the picture, and `nobody` the line of places with a true 0.
    `choose` and `says` stand at the choice.
    """

    table: SnakeName
    column: SnakeName
    stage: str
    title: str
    nobody: str
    choose: str
    says: str


class TimesSaid(PolicyModel):
    """The sentence on a median time: of the row that is of all by `column`. It says {median}, and
    the rest of it, when both quartiles are printed, {low} and {high}."""

    table: SnakeName
    column: SnakeName
    says: str
    spread: str

    @model_validator(mode="after")
    def _has_its_figures(self) -> TimesSaid:
        for text, names in ((self.says, ("median",)), (self.spread, ("low", "high"))):
            rest = text
            for name in names:
                if f"{{{name}}}" not in text:
                    raise ValueError(f"“{text}” has no {{{name}}}; say where the figure stands")
                rest = rest.replace(f"{{{name}}}", "")
            if "{" in rest or "}" in rest:
                raise ValueError(f"“{text}” has other braces; take them out")
        return self


class ReasonsSaid(PolicyModel):
    """What is said of the most common reason, by table: of all together by `column`."""

    column: SnakeName
    says: dict[SnakeName, str] = Field(min_length=1)


class Report(PolicyModel):
    """Headings and sentences of the report and the briefing that are this evaluation's alone.

    `briefing` are tables that the briefing draws beside the funnel and the change. `terms` are
    words that readers may not know, with what they mean; those that are used are explained.
    """

    sections: dict[SectionKind, ReportSectionRules]
    months: MonthsShown | None = None
    places: PlacesShown | None = None
    times: TimesSaid | None = None
    reasons: ReasonsSaid | None = None
    briefing: list[SnakeName] = []
    terms: dict[str, str] = {}

    @property
    def sentences_of_reasons(self) -> dict[str, str]:
        """Table to what is said of its most common reason."""
        return self.reasons.says if self.reasons is not None else {}
