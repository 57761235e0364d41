"""What an erasure on request, or of what is no longer agreed, is about to do: on disk first.

It has to say who is erased, so it is a file sealed under a key of its own in the restricted store:
put in place whole, destroyed when the certificate is written. With it go the fingerprints. Of an
erasure that is done and could not be verified what is to be looked for is kept, without the CRNs,
under a key of its own for each: it stands in nobody's way.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.preflight import ERASURE_BEGUN
from safer_streets_assets.stores.sealed import seal, unseal

ERASING_KEY = "erasing"
_SEALED, _DONE = ERASURE_BEGUN, "erasing.done"

ErasureKind = Literal["drop", "person", "agreement"]


@dataclass(frozen=True)
class Intent:
    """One erasure on request, or of what is no longer agreed. The repr holds nobody's CRN.

    `asked_on` is the day for which it was asked. `fields`, by source, and `sources` are what no
    agreement covers any more. `going_drops` are drops that go whole, `near_misses` opaque ids in
    the registers' audit, `old_keys` the SHA-256 of the key under which each store lay before.
    `first_words`, `fingerprints` and `texts` are hashes under `fingerprint_key`, made and looked
    for by the room `traces`; `ordinary` counts the free texts that are words of this product, and
    `quoted` those in approved quotes; neither are looked for.
    """

    erasure_id: str
    kind: ErasureKind
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
    texts: list[str] = field(default_factory=list, repr=False)
    ordinary: int = 0
    quoted: int = 0
    fields: dict[str, list[str]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)


def write_intent(folder: DataFolder, intent: Intent) -> None:
    """Puts an intent on disk in one step; from then on the erasure is finished by whoever runs."""
    clear_unfinished(folder)
    _seal(intent, _place(folder), Keys(folder.keys).create(ERASING_KEY))


def read_intent(folder: DataFolder) -> Intent | None:
    """The erasure that was begun, or None.

    Raises:
        KeyMissingError, SealError: it is there and does not open.
    """
    if not _place(folder).exists():
        return None
    return _unseal(_place(folder), Keys(folder.keys).read(ERASING_KEY))


def keep_what_to_look_for(folder: DataFolder, intent: Intent) -> None:
    """Keeps of an erasure that is done what it needs to be verified later: no CRN."""
    key = Keys(folder.keys).read_or_create(open_key(intent.erasure_id))
    kept = replace(intent, crns=[], near_misses=[])
    _seal(kept, _open_place(folder, intent.erasure_id), key)


def what_to_look_for(folder: DataFolder, erasure_id: str) -> Intent | None:
    """What was kept of an erasure that is not verified; None where it went with its store.

    Raises:
        KeyMissingError, SealError: it is there and does not open.
    """
    place = _open_place(folder, erasure_id)
    if not place.exists():
        return None
    return _unseal(place, Keys(folder.keys).read(open_key(erasure_id)))


def forget_what_to_look_for(folder: DataFolder, erasure_id: str) -> None:
    """Destroys what was kept of an erasure; there is no error where nothing was."""
    Keys(folder.keys).destroy(open_key(erasure_id))
    place = _open_place(folder, erasure_id)
    for path in (place, place.with_name(f".{place.name}.part")):
        overwrite_and_unlink(path)


def open_key(erasure_id: str) -> str:
    """The name of the key under which what is to be looked for is sealed."""
    return f"open-{erasure_id}"


def open_keys(folder: DataFolder) -> tuple[str, ...]:
    """The names of the keys of all erasures that are not verified."""
    return tuple(sorted(path.stem for path in folder.keys.glob("open-*.key")))


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


def _open_place(folder: DataFolder, erasure_id: str) -> Path:
    return folder.restricted / f"{open_key(erasure_id)}.sealed"


def _seal(intent: Intent, place: Path, key: str) -> None:
    facts = asdict(intent)
    facts |= {"begun_at": intent.begun_at.isoformat(), "asked_on": intent.asked_on.isoformat()}
    seal(io.BytesIO(json.dumps(facts).encode()), place, key)


def _unseal(place: Path, key: str) -> Intent:
    facts = json.loads(unseal(place, key))
    facts |= {
        "begun_at": datetime.fromisoformat(facts["begun_at"]),
        "asked_on": date.fromisoformat(facts["asked_on"]),
    }
    return Intent(**facts)
