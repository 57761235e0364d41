"""Typed models of the sources of `dpia.yaml` and the fields that the agreement covers."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName

FieldClass = Literal[
    "direct identifier", "quasi-identifier", "special category", "free text", "plain"
]
IDENTIFYING: tuple[FieldClass, ...] = ("direct identifier", "free text")
"""Classes of field that never enter the research store."""

YES_NO = "yes_no"
"""The code list whose values are truth values in conformed tables."""

PERSON_ID = "person_id"
"""The column of the pseudonym in conformed tables."""


def spelling_of_code(text: str) -> str:
    """The spelling under which a code is looked up: what `code_spelling` of macros.sql makes."""
    return re.sub(r"\.0+$", "", text.strip().lower())


FieldKind = Literal["crn", "date", "timestamp", "integer", "code", "offence_code", "text"]


class AgreedField(PolicyModel):
    """A field that the agreement covers: how it arrives, what it is, and what it is for.

    `required_where` names, for another field, the codes with which this one is required. `words` is
    the list of `vocabulary.yaml` or `places.yaml` that a text is read as a word of. With
    `names_others` it names, or may name, people other than the one whom the row is about.
    """

    name: SnakeName
    headers: list[str] = Field(min_length=1)
    required: bool = False
    field_class: FieldClass = Field(alias="class")
    kind: FieldKind
    purpose: str
    codes: str | None = None
    words: str | None = None
    range: tuple[int, int] | None = None
    missing_codes: list[int] = []
    question: str | None = None
    required_where: dict[str, list[str]] = {}
    names_others: bool = False

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> AgreedField:
        if (self.kind == "code") != (self.codes is not None):
            raise ValueError(
                f"field {self.name}: a field of kind code, and no other, names its code list"
            )
        if self.kind == "crn" and self.field_class != "direct identifier":
            raise ValueError(f"field {self.name}: a CRN is a direct identifier; say so in class")
        if self.words is not None and (self.kind != "text" or self.field_class == "free text"):
            raise ValueError(
                f"field {self.name}: only a field of kind text that is no free text has words; "
                "take them out"
            )
        if self.names_others and self.kind not in ("crn", "text"):
            raise ValueError(
                f"field {self.name}: names_others is of names and CRNs, and a {self.kind} names "
                "nobody; take it out"
            )
        for other, codes in self.required_where.items():
            if other == self.name or not codes:
                raise ValueError(
                    f"field {self.name}: required_where names codes of another field; correct it"
                )
        if self.kind != "integer" and (self.range is not None or self.missing_codes):
            raise ValueError(
                f"field {self.name}: only a field of kind integer has a range or missing_codes; "
                "take it out"
            )
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(
                f"field {self.name}: range is the least and the greatest value; correct it"
            )
        return self


class DateOrder(PolicyModel):
    """Two date fields of which the first may not lie after the second."""

    earlier: str
    later: str


class AgeRule(PolicyModel):
    """The date of birth and the day on which the person must be of a plausible age."""

    born: str
    at: str


ColumnType = Literal["BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INTEGER", "TIMESTAMP", "VARCHAR"]


class AddedColumn(PolicyModel):
    """A column of a conformed table that is no agreed field: its DuckDB type and what it means."""

    type: ColumnType
    says: str


class Conformed(PolicyModel):
    """The conformed table of a source, which the file of its name with `.sql` makes of its rows.

    `identity` is that of a row where it is still there after pseudonymisation, and `reference` the
    columns by which a free text of a row is told from others where it is not. `adds` are columns
    beside the pseudonym, the agreed fields that identify nobody and, of a cumulative source,
    whether the row has gone from the latest drop.
    """

    table: SnakeName
    identity: list[SnakeName] = []
    reference: list[SnakeName] = []
    adds: dict[SnakeName, AddedColumn] = {}


class Source(PolicyModel):
    """A source of drops: who controls it, whether it is agreed, its shape and agreed fields.

    The one of `role` people says who is a person: whoever stands in it, under a CRN of their own;
    the one of `role` cases how far they come in the programme.
    With a `processor` that one gathers and sends the rows for the controller.
    A row that breaks `date_order`, has a date of `past` in the future or one of its `ages` that
    is not plausible is set aside; `usual_order` only warns.
    `questionnaire` says that the items of questionnaire.yaml are fields of it, too.
    Nothing can be made without the fields in `built_on`. The others that queries read are
    `optional`, with the type of their value, or `optional_identifying` where they stand in no
    conformed table: once not agreed, they are missing everywhere. `counted_by` are fields by which
    no table may be counted once they are not agreed, each with its dimension in tables.yaml.
    """

    title: str
    controller: str
    processor: str | None = None
    agreement: Literal["agreed", "not agreed"]
    role: Literal["people", "cases"] | None = None
    section: str
    article_6: str
    article_9: str
    article_10: str
    classification: Literal["OFFICIAL", "OFFICIAL-SENSITIVE"]
    shape: Literal["increment", "cumulative"]
    formats: list[Literal["csv", "xlsx", "xls", "ods", "sav"]] = Field(min_length=1)
    sheet: str | None
    anonymous: bool
    identity: list[str] = Field(min_length=1)
    conformed: Conformed
    position_field: str | None
    retention: str
    date_order: list[DateOrder]
    usual_order: list[DateOrder] = []
    past: list[str] = []
    ages: list[AgeRule] = []
    questionnaire: bool = False
    built_on: list[SnakeName] = []
    optional: dict[SnakeName, ColumnType] = {}
    optional_identifying: dict[SnakeName, ColumnType] = {}
    counted_by: dict[SnakeName, SnakeName] = {}
    fields: list[AgreedField] = Field(min_length=1)

    @property
    def sender(self) -> str:
        """Who sends its drops, and gets rows back to correct."""
        return self.processor or self.controller

    @property
    def crn_field(self) -> AgreedField | None:
        """The field of the CRN, which links people; None where the source has none."""
        return next((field for field in self.fields if field.kind == "crn"), None)

    @property
    def names(self) -> list[str]:
        """The fields that name people."""
        return [
            field.name
            for field in self.fields
            if field.field_class == "direct identifier" and field.kind == "text"
        ]

    @property
    def free_texts(self) -> list[AgreedField]:
        """The fields in which people write what they like."""
        return [field for field in self.fields if field.field_class == "free text"]

    @property
    def open_texts(self) -> list[AgreedField]:
        """The fields of any text in which nobody may be named."""
        apart = ("direct identifier", "free text")
        return [f for f in self.fields if f.kind == "text" and f.field_class not in apart]

    def field_named(self, name: str) -> AgreedField:
        """The agreed field of that name; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @model_validator(mode="after")
    def _names_are_fields(self) -> Source:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("two fields have the same name; give each its own")
        headers = [" ".join(h.casefold().split()) for field in self.fields for h in field.headers]
        twice = sorted({header for header in headers if headers.count(header) > 1})
        if twice:
            raise ValueError(f"two fields have the header {twice[0]}; give it to one of them")
        used = [*self.identity, *([self.position_field] if self.position_field else [])]
        orders = [*self.date_order, *self.usual_order]
        used += [name for order in orders for name in (order.earlier, order.later)]
        used += self.past
        used += [name for age in self.ages for name in (age.born, age.at)]
        used += [other for field in self.fields for other in field.required_where]
        for name in used:
            if name not in names:
                raise ValueError(f"{name} is used but is not a field; list it under fields")
        return self

    @model_validator(mode="after")
    def _days_are_of_dates(self) -> Source:
        used = [self.position_field] if self.position_field else []
        used += [
            n for one in (*self.date_order, *self.usual_order) for n in (one.earlier, one.later)
        ]
        used += [*self.past, *(name for age in self.ages for name in (age.born, age.at))]
        for name in used:
            if self.field_named(name).kind not in ("date", "timestamp"):
                raise ValueError(f"{name} is used as a day and is no date; name a field of a date")
        return self
