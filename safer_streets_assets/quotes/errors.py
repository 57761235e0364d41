"""What an operator is told of a quote that cannot be."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class QuoteError(SaferStreetsError):
    """A quote cannot be proposed, approved or withdrawn. The message holds no word of it."""
