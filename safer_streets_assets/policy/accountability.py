"""Typed models of what `dpia.yaml` says on people's rights and on the accountability registers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName


class Months(PolicyModel):
    """A period in calendar months."""

    months: int = Field(ge=1)


class Rights(PolicyModel):
    """How requests of the people in the data are answered, in words they can read.

    `answer_within` runs from the receipt of a request and may be prolonged once by `extension`.
    `recipients` says of each kind of place who gets what lies there. `send_on` says of a source
    that is another controller's where a request about it goes.
    """

    section: str
    answer_within: Months
    extension: Months
    purpose: str
    recipients: dict[Literal["restricted", "research", "published"], str]
    third_parties: str
    pseudonym: str
    objection: str
    complaint: str
    send_on: dict[SnakeName, str]

    @model_validator(mode="after")
    def _each_place_has_recipients(self) -> Rights:
        if len(self.recipients) < 3:
            raise ValueError("recipients are of restricted, research and published; give each")
        return self


class BreachClock(PolicyModel):
    """Who has to hear of a breach, and within how many hours of its detection."""

    name: SnakeName
    told: str
    hours: int = Field(ge=1)


class DpiaReview(PolicyModel):
    """How often the DPIA is reviewed, and how many days before that it begins to warn."""

    every: Months
    warn_days: int = Field(ge=0)


class Accountability(PolicyModel):
    """The registers: severity and clocks of a breach, reviews of the DPIA, parties with contacts.

    `breach_severities` are names with what each means, the least severe first.
    """

    section: str
    breach_severities: dict[SnakeName, str] = Field(min_length=1)
    breach_clocks: list[BreachClock] = Field(min_length=1)
    dpia_review: DpiaReview
    parties: dict[SnakeName, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_clock_has_a_name_of_its_own(self) -> Accountability:
        names = [clock.name for clock in self.breach_clocks]
        if len(set(names)) != len(names):
            raise ValueError("two breach_clocks have the same name; give each its own")
        return self
