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
        "reason_not_assigned": "VARCHAR",
        "one_to_one": "VARCHAR",
        "reason_one_to_one": "VARCHAR",
        "outcome_date": "DATE",
    },
    "ors_facilitator_checkin": {"engagement": "BIGINT"},
}
"""Source to the fields and the type of their value."""


def not_agreed(name: str, source: Source) -> dict[str, str]:
    """The optional fields of a source that are not agreed, with the type of their value."""
    agreed = {field.name for field in source.fields}
    return {field: kind for field, kind in OPTIONAL.get(name, {}).items() if field not in agreed}
