"""What goes wrong in retention, in sentences for the operator."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class PublicationError(SaferStreetsError):
    """A publication cannot be recorded as given."""


class DecisionError(SaferStreetsError):
    """A decision, a conclusion or an exception cannot be recorded as given."""


class ErasureError(SaferStreetsError):
    """An erasure on request cannot be begun."""


class RetentionError(SaferStreetsError):
    """The retention schedule cannot be followed."""


class BrokenChainError(RetentionError):
    """A certificate is not as it was written, or is missing."""


class OverdueError(RetentionError):
    """Something that is due is still held."""


class ClockError(RetentionError):
    """The machine's clock has jumped, and nobody has said that it is right."""


class ErasureNotVerifiedError(RetentionError):
    """Something that was to be erased is still there: no certificate was written."""
