"""What the policy makes us expect of each conformed table: expectations as data, with their names.

An expectation whose failure would make it wrong to go on is blocking: an identity or pseudonym that
is missing or stands twice, a value outside its set or range, a column of another type. The others
warn. Nothing here imports great-expectations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from safer_streets_assets.cohort.catalogue import conformed_columns
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.policy.built_on import PEOPLE
from safer_streets_assets.policy.sources import IDENTIFYING, YES_NO

Batch = Literal["rows", "types", "volume", "answers"]
"""What an expectation is about: the rows of the table, its columns, the source's last drop, or the
items of a questionnaire."""

AGE = "age_at_"
"""How a column begins that a query adds for the age of people on some day."""
TYPE_COLUMN = "column_and_type"
VOLUME_COLUMN = "percent_of_usual"
MISSING_COLUMN = "percent_missing"


def one_clock(column: str) -> str:
    """The column that has the times of another one, but in the hour that comes twice when the
    clocks go back no earlier than the time they must follow."""
    return f"{column}_by_one_clock"


def filled_in(column: str) -> str:
    """The name of the expectation that a required field is never blank."""
    return f"{column}_is_filled_in"


@dataclass(frozen=True)
class Expectation:
    """One expectation: its name in Dagster, great-expectations' name of it, and its arguments."""

    name: str
    description: str
    blocking: bool
    type: str
    arguments: Mapping[str, Any]
    batch: Batch = "rows"


def suite_of(policy: Policy, source_name: str, today: datetime) -> list[Expectation]:
    """The expectations of a source's conformed table; `today` is what dates may not lie after."""
    source = policy.sources[source_name]
    kept = [field for field in source.fields if field.field_class not in IDENTIFYING]
    return [
        _columns(policy, source_name),
        *(found for field in kept for found in _of_field(field, policy)),
        *_of_identity(source),
        *_of_people(source, policy),
        *_of_dates(source, {field.name for field in kept}, today),
        _volume(policy, source),
        *_unknown(policy, kept),
    ]


def answer_items(policy: Policy, source_name: str) -> list[AgreedField]:
    """The items of a source's questionnaire: fields with codes for a missing answer."""
    fields = policy.sources[source_name].fields
    return [f for f in fields if f.missing_codes and f.field_class not in IDENTIFYING]


def _columns(policy: Policy, source_name: str) -> Expectation:
    documented = conformed_columns(policy, source_name)
    return Expectation(
        "columns_have_their_types",
        "The table has the columns that are documented, each of its type.",
        True,
        "ExpectColumnDistinctValuesToEqualSet",
        {
            "column": TYPE_COLUMN,
            "value_set": [f"{name} {doc.type}" for name, doc in documented.items()],
        },
        "types",
    )


def _of_field(field: AgreedField, policy: Policy) -> Iterator[Expectation]:
    if field.required:
        yield Expectation(
            filled_in(field.name),
            "A required field is never blank, but for rows of drops from before it was agreed.",
            True,
            "ExpectColumnValuesToNotBeNull",
            {"column": field.name},
        )
    if field.range is not None:
        low, high = field.range
        allowed = [*range(low, high + 1), *field.missing_codes]
        missing = f" or {', '.join(map(str, field.missing_codes))}" if field.missing_codes else ""
        yield _set(f"{field.name}_is_in_range", f"From {low} to {high}{missing}.", field, allowed)
    if field.codes is not None and field.codes != YES_NO:
        codes = list(policy.dpia.code_lists[field.codes])
        description = f"A code of the policy's list {field.codes}."
        yield _set(f"{field.name}_is_on_its_list", description, field, codes)
    if field.words is not None:
        words = policy.word_lists[field.words].printed
        description = f"A word of the policy's list {field.words}."
        yield _set(f"{field.name}_is_on_its_list", description, field, words)
    if field.kind == "offence_code":
        yield Expectation(
            f"{field.name}_is_five_digits",
            "Five digits, with the leading zeros that a spreadsheet eats.",
            True,
            "ExpectColumnValuesToMatchRegex",
            {"column": field.name, "regex": r"^\d{5}$"},
        )


def _set(name: str, description: str, field: AgreedField, allowed: list[Any]) -> Expectation:
    arguments = {"column": field.name, "value_set": allowed}
    return Expectation(name, description, True, "ExpectColumnValuesToBeInSet", arguments)


def _of_identity(source: Source) -> Iterator[Expectation]:
    identity = source.conformed.identity
    if not identity:
        return
    arguments = {"column_list": identity} if len(identity) > 1 else {"column": identity[0]}
    yield Expectation(
        "identity_stands_once",
        f"No two rows have the same {', '.join(identity)}.",
        True,
        "ExpectCompoundColumnsToBeUnique" if len(identity) > 1 else "ExpectColumnValuesToBeUnique",
        arguments,
    )
    for column in source.conformed.adds:
        if column in identity:
            yield Expectation(
                filled_in(column),
                "Every row has it: rows are told apart by it.",
                True,
                "ExpectColumnValuesToNotBeNull",
                {"column": column},
            )


def _of_people(source: Source, policy: Policy) -> Iterator[Expectation]:
    if source.anonymous:
        return
    yield Expectation(
        "person_id_is_filled_in",
        "Every row has the pseudonym of its person.",
        True,
        "ExpectColumnValuesToNotBeNull",
        {"column": "person_id"},
    )
    yield Expectation(
        "person_id_is_a_pseudonym",
        "A keyed hash: 64 hexadecimal digits.",
        True,
        "ExpectColumnValuesToMatchRegex",
        {"column": "person_id", "regex": "^[0-9a-f]{64}$"},
    )
    for age in source.conformed.adds if source.role == PEOPLE else ():
        if not age.startswith(AGE):
            continue
        low, high = policy.dpia.cohort.plausible_ages
        yield Expectation(
            f"{age}_is_plausible",
            f"From {low} to {high} years.",
            True,
            "ExpectColumnValuesToBeBetween",
            {"column": age, "min_value": low, "max_value": high},
        )


def _of_dates(source: Source, kept: set[str], today: datetime) -> Iterator[Expectation]:
    for orders, blocking in ((source.date_order, True), (source.usual_order, False)):
        for order in orders:
            if {order.earlier, order.later} <= kept:
                is_time = source.field_named(order.later).kind == "timestamp"
                yield Expectation(
                    f"{order.earlier}_is_not_after_{order.later}",
                    "Rows that break this order are set aside at intake."
                    if blocking
                    else "A row in which this is otherwise should be asked about.",
                    blocking,
                    "ExpectColumnPairValuesAToBeGreaterThanB",
                    {
                        "column_A": one_clock(order.later) if is_time else order.later,
                        "column_B": order.earlier,
                        "or_equal": True,
                        "ignore_row_if": "either_value_is_missing",
                    },
                )
    for column in source.past:
        yield Expectation(
            f"{column}_is_not_in_the_future",
            "It has happened by the day of the run.",
            False,
            "ExpectColumnValuesToBeBetween",
            {"column": column, "max_value": today},
        )


def _volume(policy: Policy, source: Source) -> Expectation:
    limits = policy.dpia.expected.volume[source.shape]
    return Expectation(
        "last_drop_has_the_usual_size",
        (
            f"The rows of the last drop are {limits.least_percent} % to {limits.most_percent} % of "
            f"the median of the {policy.dpia.expected.earlier_drops} drops before it; not judged "
            "while there are fewer."
        ),
        False,
        "ExpectColumnValuesToBeBetween",
        {
            "column": VOLUME_COLUMN,
            "min_value": limits.least_percent,
            "max_value": limits.most_percent,
        },
        "volume",
    )


def _unknown(policy: Policy, kept: list[AgreedField]) -> Iterator[Expectation]:
    share = policy.dpia.expected.maximum_unknown_share
    for field in kept:
        if field.codes is not None and (codes := policy.dpia.unknown_codes.get(field.codes)):
            yield Expectation(
                f"{field.name}_is_seldom_unknown",
                f"Not known in at most {share:.0%} of the rows.",
                False,
                "ExpectColumnValuesToNotBeInSet",
                {"column": field.name, "value_set": codes, "mostly": 1 - share},
            )
    if any(field.missing_codes for field in kept):
        most = policy.dpia.expected.maximum_missing_answer_share
        yield Expectation(
            "answers_are_seldom_missing",
            f"No item has codes for a missing answer in more than {most:.0%} of its answers.",
            False,
            "ExpectColumnValuesToBeBetween",
            {"column": MISSING_COLUMN, "max_value": 100 * most},
            "answers",
        )
