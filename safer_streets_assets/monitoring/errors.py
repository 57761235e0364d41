"""What can be wrong with what the functions of performance monitoring are given."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class MonitoringError(SaferStreetsError):
    """Rows or a policy that cannot be used; no value is in the message."""
