"""What can keep a release from being made or trusted. No message holds a value of a table."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class ReleaseError(SaferStreetsError):
    """A release cannot be made, or what lies in its folder is not what was put there."""


class UnsafeReleaseError(ReleaseError):
    """The tables given are not fit to print."""
