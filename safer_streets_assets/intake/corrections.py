"""What would be right where a row breaks a rule, in words for the sender of the row."""

from __future__ import annotations

from safer_streets_assets.intake.reasons import row_reasons
from safer_streets_assets.policy import AgreedField, Policy, Source

BY_REMEDY = ("R-AGE", "R-FUTURE", "R-IDENTIFIER", "R-CONTACT", "R-NOT-ANONYMOUS", "R-TWICE", "R-ID")
"""Reasons of which the value's format or list says nothing: the remedy does."""
WHOLE_ROW = "(the row as a whole)"


def header_of(source: Source, field: str | None) -> str:
    """The column of a field as the policy spells it."""
    return WHOLE_ROW if field is None else source.field_named(field).headers[0]


def rule_broken(policy: Policy, reason: str) -> str:
    """The rule that a reason code stands for, as a sentence."""
    sentence = row_reasons(policy)[reason].sentence
    return f"{sentence[0].upper()}{sentence[1:]}."


def what_would_be_right(source: Source, policy: Policy, field: str | None, reason: str) -> str:
    """What the sender would have to send: the format, code list or range of the policy."""
    remedy = row_reasons(policy)[reason].remedy
    advice = f"{remedy[0].upper()}{remedy[1:]}."
    if field is None or reason in BY_REMEDY:
        return advice
    if reason == "R-ORDER":
        return f"{_orders(source, field)}. {advice}"
    agreed = source.field_named(field)
    expected = _expected(agreed, policy)
    return f"A value is required: {expected}." if reason == "R-MISSING" else f"{expected}."


def _orders(source: Source, field: str) -> str:
    """Which date may not lie after which."""
    pairs = [order for order in source.date_order if field in (order.earlier, order.later)]
    return "; ".join(
        f"{header_of(source, order.earlier)} may not lie after {header_of(source, order.later)}"
        for order in pairs
    )


def _expected(field: AgreedField, policy: Policy) -> str:
    match field.kind:
        case "crn":
            return policy.dpia.person_number.in_words.capitalize()
        case "date":
            return "A date that exists, as dd/mm/yyyy, the year in four figures"
        case "timestamp":
            return "A date that exists and a time, as dd/mm/yyyy hh:mm, the year in four figures"
        case "integer":
            return _number(field)
        case "offence_code":
            return "An offence code of five digits"
        case "code":
            return f"One of: {_codes(policy.dpia.code_lists[field.codes or ''])}"
        case "text":
            return "Text"


def _number(field: AgreedField) -> str:
    within = f" from {field.range[0]} to {field.range[1]}" if field.range else ""
    missing = ", ".join(str(code) for code in field.missing_codes)
    return f"A whole number{within}" + (f", or {missing}" if missing else "")


def _codes(codes: dict[str, str]) -> str:
    return "; ".join(
        code if code == label else f"{code} ({label})" for code, label in codes.items()
    )
