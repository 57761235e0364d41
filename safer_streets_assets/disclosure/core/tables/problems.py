"""The errors of the disclosure library: one sentence each, never with a count in it."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class TableError(SaferStreetsError):
    """A table, link or release that cannot be what it says it is."""


class ProofError(SaferStreetsError):
    """A question about what an attacker can learn that could not be answered."""
