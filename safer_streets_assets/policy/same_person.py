"""Typed models of the rules by which two rows are taken to be of one person, in `dpia.yaml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName

ComparedAs = Literal["text", "date"]

NAME_PARTS = ("surname", "forename")
"""What is read from the name of a person, beside the fields of the policy."""
DAY = "day"
"""What the estimate of missed links calls the day of a row, whichever field it is in."""
TAKEN = frozenset(
    (
        *("begins", "crn", "crn_meant", "crn_sent", "facts", "first_date", "full_name"),
        *("is_contradicted", "label", "name_sent", "row_id", "source", "unique_id"),
        *NAME_PARTS,
        DAY,
    )
)
"""Names of columns beside the fields in what compares rows: no field that is compared has one."""


class SamePersonRules(PolicyModel):
    """What two rows may not contradict each other on if they are of one person.

    `compared` are fields of the source of people, and of every other source that has one of their
    name, with how they are compared: as equal text or as a date. Two rows contradict each other
    where both state one and it differs. `certain` is the one of them that, beside the name, both
    have to state where a mistake would hand somebody's data to another.
    """

    compared: dict[SnakeName, ComparedAs] = Field(min_length=1)
    certain: SnakeName

    @property
    def certain_words(self) -> str:
        """What `certain` is called in a sentence."""
        return self.certain.replace("_", " ")

    @model_validator(mode="after")
    def _names_can_be_compared(self) -> SamePersonRules:
        if self.certain not in self.compared:
            raise ValueError(
                f"certain is {self.certain}, which is not compared; put it under compared, or name "
                "one that is there"
            )
        for name in self.compared:
            if name in TAKEN:
                raise ValueError(f"{name} is the name of another column; name the field otherwise")
        return self


class MissedLinkRules(PolicyModel):
    """What cases and people are compared by, to estimate how many links are missed.

    It is the name, what `same_person` compares, the `day` of a row, which is another field in each
    of the two sources, and fields that are compared `also`, as text. Two rows are looked at where
    all of one list of `alike` is the same: fields, `surname`, `forename` or `day`.
    """

    day: dict[SnakeName, SnakeName]
    also: list[SnakeName] = []
    alike: list[list[SnakeName]] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_can_be_compared(self) -> MissedLinkRules:
        for name in self.also:
            if name in TAKEN:
                raise ValueError(f"{name} is the name of another column; name the field otherwise")
        if not all(self.alike):
            raise ValueError("a list of alike is empty, and would compare all; name what it is of")
        return self
