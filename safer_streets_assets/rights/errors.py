"""Errors of requests of people in the data."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class RightsError(SaferStreetsError):
    """A request of a person cannot be carried out."""
