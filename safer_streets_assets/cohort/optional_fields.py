"""Fields that later stages read by name and can do without: missing everywhere once not agreed.

Those that nothing can be made without are in `policy.built_on`, and the policy must agree to them.
"""

from __future__ import annotations

from collections.abc import Mapping

from safer_streets_assets.policy import Source

OPTIONAL: Mapping[str, Mapping[str, str]] = {
    "nps_court_outcomes": {
        "court": "VARCHAR",
        "resulting_sentence": "VARCHAR",
    },
    "crc_eligibility": {
        "gender": "VARCHAR",
        "borough": "VARCHAR",
        "offence_code": "VARCHAR",
        "reason_not_assigned": "VARCHAR",
        "one_to_one": "VARCHAR",
        "reason_one_to_one": "VARCHAR",
        "outcome_date": "DATE",
    },
    "ors_facilitator_checkin": {"engagement": "BIGINT"},
}
"""Source to the fields and the type of their value."""

IDENTIFYING_OPTIONAL: Mapping[str, Mapping[str, str]] = {
    "crc_eligibility": {"date_of_birth": "DATE"},
}
"""The same of fields that identify: queries of conformed tables read them, and none keeps them."""


def not_agreed(name: str, source: Source) -> dict[str, str]:
    """The optional fields of a source that are not agreed, with the type of their value."""
    agreed = {field.name for field in source.fields}
    return {field: kind for field, kind in OPTIONAL.get(name, {}).items() if field not in agreed}


def never_kept(name: str, source: Source) -> dict[str, str]:
    """As `not_agreed`, of the optional fields that identify and stand in no conformed table."""
    agreed = {field.name for field in source.fields}
    optional = IDENTIFYING_OPTIONAL.get(name, {})
    return {field: kind for field, kind in optional.items() if field not in agreed}
