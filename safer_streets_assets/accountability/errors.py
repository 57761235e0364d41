"""Errors of the accountability registers."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class RegisterError(SaferStreetsError):
    """An entry of a register cannot be made, found or closed."""
