"""What an erasure on request, or of what is no longer agreed, is about to do: on disk first.

It has to say who is erased, so it is a file sealed under a key of its own in the restricted store:
put in place whole, destroyed when the certificate is written. With it go the fingerprints.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.preflight import ERASURE_BEGUN
from safer_streets_assets.stores.sealed import seal, unseal

ERASING_KEY = "erasing"
_SEALED, _DONE = ERASURE_BEGUN, "erasing.done"

Kind = Literal["drop", "person", "agreement"]


@dataclass(frozen=True)
class Intent:
    """One erasure on request, or of what is no longer agreed. The repr holds nobody's CRN.

    `fields`, by source, and `sources` are what no agreement covers any more. `going_drops` are
    drops that go whole, `near_misses` opaque ids in the registers' audit, `old_keys` the SHA-256 of
    the key under which each store lay before. `first_words` and `fingerprints` are hashes under
    `fingerprint_key` (see `fingerprints`).
    """

    erasure_id: str
    kind: Kind
    begun_at: datetime
    asked_on: date
    crns: list[str] = field(repr=False)
    going_drops: list[str]
    near_misses: list[str] = field(repr=False)
    old_keys: dict[str, str]
    fingerprint_key: str = field(repr=False)
    first_words: dict[str, list[int]] = field(repr=False)
    fingerprints: list[str] = field(repr=False)
    tables: int
    row_count: int
    files: int
    bytes: int
    not_searched: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)


def write_intent(folder: DataFolder, intent: Intent) -> None:
    """Puts an intent on disk in one step; from then on the erasure is finished by whoever runs."""
    clear_unfinished(folder)
    key = Keys(folder.keys).create(ERASING_KEY)
    facts = asdict(intent)
    facts |= {"begun_at": intent.begun_at.isoformat(), "asked_on": intent.asked_on.isoformat()}
    seal(io.BytesIO(json.dumps(facts).encode()), _place(folder), key)


def read_intent(folder: DataFolder) -> Intent | None:
    """The erasure that was begun, or None.

    Raises:
        KeyMissingError, SealError: it is there and does not open.
    """
    if not _place(folder).exists():
        return None
    facts = json.loads(unseal(_place(folder), Keys(folder.keys).read(ERASING_KEY)))
    facts |= {
        "begun_at": datetime.fromisoformat(facts["begun_at"]),
        "asked_on": date.fromisoformat(facts["asked_on"]),
    }
    return Intent(**facts)


def end_intent(folder: DataFolder) -> None:
    """Destroys the intent: it is no longer one from the first step on, whenever this is killed."""
    if _place(folder).exists():
        _place(folder).rename(_done(folder))
        sync_folder(folder.restricted)
    clear_unfinished(folder)


def clear_unfinished(folder: DataFolder) -> None:
    """Erases what is left of an intent that was being written or destroyed; not one in force."""
    if _place(folder).exists():
        return
    Keys(folder.keys).destroy(ERASING_KEY)
    for path in (_done(folder), _place(folder).with_name(f".{_SEALED}.part")):
        overwrite_and_unlink(path)


def _place(folder: DataFolder) -> Path:
    return folder.restricted / _SEALED


def _done(folder: DataFolder) -> Path:
    return folder.restricted / _DONE
