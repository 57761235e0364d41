"""What can be wrong with what the survival functions are given."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class ReoffendingError(SaferStreetsError):
    """Follow-up times or the police's rows that cannot be used; no value is in the message."""
