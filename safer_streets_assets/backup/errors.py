"""What goes wrong in backup and restore, in sentences for the operator."""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError


class BackupError(SaferStreetsError):
    """A backup cannot be made, or is not one."""


class RestoreError(SaferStreetsError):
    """A backup cannot be restored: nothing was put in place."""
