"""The error of the generated documents."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class DocumentsError(SaferStreetsError):
    """A document cannot be made from what the code and the policy say."""
