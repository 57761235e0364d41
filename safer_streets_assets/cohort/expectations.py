"""What the policy makes us expect of each conformed table, as great-expectations suites.

The expectations are data here; great-expectations itself is imported only when a suite is run,
because importing it takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from safer_streets_assets.cohort.conformed import CONFORMED, IDENTIFYING
from safer_streets_assets.policy import AgreedField, Policy

IDENTITIES: Mapping[str, list[str]] = {
    "court_cases": ["person_id", "disposal_date", "offence_code"],
    "programme_cases": ["person_id", "sentence_date"],
    "attendee_responses": ["response_number"],
    "training_forms": ["form"],
    "case_studies": ["reference"],
}
"""The identity of a row of a conformed table where it is still there after pseudonymisation."""


@dataclass(frozen=True)
class Expectation:
    """An expectation: great-expectations' name of it, and its arguments."""

    type: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class SuiteResult:
    """How a suite ended: counts only, never a value."""

    passed: bool
    evaluated: int
    failed: tuple[str, ...]
    unexpected_rows: int


def suite_of(policy: Policy, source_name: str) -> list[Expectation]:
    """The expectations of a source's conformed table."""
    table = CONFORMED[source_name]
    expectations = [
        expectation
        for field in policy.sources[source_name].fields
        if field.field_class not in IDENTIFYING
        for expectation in _of_field(field, table, policy)
    ]
    if not policy.sources[source_name].anonymous:
        expectations.append(
            Expectation(
                "ExpectColumnValuesToMatchRegex",
                {"column": "person_id", "regex": "^[0-9a-f]{64}$"},
            )
        )
    if table == "court_cases":
        low, high = policy.dpia.cohort.plausible_ages
        expectations.append(
            Expectation(
                "ExpectColumnValuesToBeBetween",
                {"column": "age_at_disposal", "min_value": low, "max_value": high},
            )
        )
    identity = IDENTITIES.get(table)
    if identity and len(identity) > 1:
        expectations.append(
            Expectation("ExpectCompoundColumnsToBeUnique", {"column_list": identity})
        )
    elif identity:
        expectations.append(Expectation("ExpectColumnValuesToBeUnique", {"column": identity[0]}))
    return expectations


def run_suite(frame: pd.DataFrame, expectations: list[Expectation]) -> SuiteResult:
    """Runs a suite on a conformed table and returns counts; imports great-expectations."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = (
        context.data_sources.add_pandas("research")
        .add_dataframe_asset("conformed")
        .add_batch_definition_whole_dataframe("all")
        .get_batch(batch_parameters={"dataframe": frame})
    )
    suite = gx.ExpectationSuite(
        name="conformed",
        expectations=[getattr(gx.expectations, e.type)(**e.arguments) for e in expectations],
    )
    found = batch.validate(
        suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 0}
    )
    failed = [result for result in found.results if not result.success]
    return SuiteResult(
        passed=bool(found.success),
        evaluated=len(found.results),
        failed=tuple(sorted(_name(result.expectation_config) for result in failed)),
        unexpected_rows=sum(int(r.result.get("unexpected_count") or 0) for r in failed),
    )


def _name(config: Any) -> str:
    column = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", []))
    return f"{config.type} ({column})"


def _of_field(field: AgreedField, table: str, policy: Policy) -> list[Expectation]:
    expectations = []
    if field.required:
        expectations.append(Expectation("ExpectColumnValuesToNotBeNull", {"column": field.name}))
    if field.range is not None:
        allowed = list(range(field.range[0], field.range[1] + 1)) + field.missing_codes
        expectations.append(
            Expectation("ExpectColumnValuesToBeInSet", {"column": field.name, "value_set": allowed})
        )
    if field.codes is not None and field.codes != "yes_no":
        expectations.append(
            Expectation(
                "ExpectColumnValuesToBeInSet",
                {"column": field.name, "value_set": list(policy.dpia.code_lists[field.codes])},
            )
        )
    if field.kind == "offence_code":
        expectations.append(
            Expectation(
                "ExpectColumnValuesToMatchRegex", {"column": field.name, "regex": r"^\d{5}$"}
            )
        )
    return expectations
