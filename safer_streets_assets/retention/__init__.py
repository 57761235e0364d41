"""Retention: what is held and until when, erasing what is due, and certificates that it is gone.

What decides on a holding, erases it or records that belongs here, in a room of its own; the modules
beside the rooms are Dagster's side of it. What a table or a row means does not belong here, and
neither does answering data subjects (`rights`) or bringing data back (`backup`).
"""

from __future__ import annotations

from safer_streets_assets.retention.enforcement.enforcing import enforce, resume
from safer_streets_assets.retention.errors import (
    ErasureNotVerifiedError,
    PublicationError,
    RetentionError,
)
from safer_streets_assets.retention.history.what_goes import prune_before
from safer_streets_assets.retention.holdings.holding import Holding, as_frame, counts_by_state
from safer_streets_assets.retention.holdings.register import read_register, retention_register
from safer_streets_assets.retention.records.certificates import Certificate, certificates
from safer_streets_assets.retention.records.publications import add_publication, publications

__all__ = [
    "Certificate",
    "ErasureNotVerifiedError",
    "Holding",
    "PublicationError",
    "RetentionError",
    "add_publication",
    "as_frame",
    "certificates",
    "counts_by_state",
    "enforce",
    "prune_before",
    "publications",
    "read_register",
    "resume",
    "retention_register",
]
