"""Fields that later stages read by name and can do without: missing everywhere once not agreed.

The policy names them (`optional` of a source), and those that nothing can be made without
(`built_on`), which it must agree to.
"""

from __future__ import annotations

from safer_streets_assets.policy import Source


def not_agreed(source: Source) -> dict[str, str]:
    """The optional fields of a source that are not agreed, with the type of their value."""
    agreed = {field.name for field in source.fields}
    return {field: kind for field, kind in source.optional.items() if field not in agreed}


def never_kept(source: Source) -> dict[str, str]:
    """As `not_agreed`, of the optional fields that identify and stand in no conformed table."""
    agreed = {field.name for field in source.fields}
    optional = source.optional_identifying
    return {field: kind for field, kind in optional.items() if field not in agreed}
