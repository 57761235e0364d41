"""Looks whether an erasure on request left anything, and says in words what was verified."""

from __future__ import annotations

from safer_streets_assets.retention.certificates import PendingErasure
from safer_streets_assets.retention.erasing import copies_of_keys
from safer_streets_assets.retention.fingerprints import Fingerprints, Searcher
from safer_streets_assets.retention.intent import Intent
from safer_streets_assets.retention.open_erasures import COPY_OF_A_KEY
from safer_streets_assets.retention.read_back import ReadBack, read_back
from safer_streets_assets.stores import DataFolder

ON_REQUEST = "on request"
_READ_BACK = (
    "every store, release, history file and file of the data folder but those waiting in the "
    "landing folder was read back for keyed fingerprints of it"
)
_DESTROYED = "the fingerprints and their key were destroyed"


def searcher_of(intent: Intent) -> Searcher:
    """Looks for what an intent says is erased."""
    prints = Fingerprints(intent.first_words, intent.fingerprints, intent.texts)
    return Searcher(intent.fingerprint_key, prints)


def look_for(folder: DataFolder, intent: Intent) -> ReadBack:
    """Where something of what was erased may stand: copies of old keys among it."""
    found = read_back(folder, searcher_of(intent))
    copies = copies_of_keys(folder, intent.old_keys.values())
    places = (*([COPY_OF_A_KEY] if copies else []), *found.places)
    return ReadBack(places, found.own_words)


def as_pending(intent: Intent) -> PendingErasure:
    """What the certificate of an erasure on request says of it: a person by nothing but its id."""
    name = intent.going_drops[0] if intent.kind == "drop" else intent.erasure_id
    return PendingErasure(
        certificate_id=intent.erasure_id,
        holding=f"{intent.kind}/{name}",
        store="all",
        what=f"one {intent.kind}: {intent.row_count} rows in {intent.tables} tables",
        rule=ON_REQUEST,
        due_on=intent.asked_on,
        begun_at=intent.begun_at,
        files=intent.files,
        bytes=intent.bytes,
        row_count=intent.row_count,
        key_fingerprints=sorted(intent.old_keys.values()),
        name_fingerprint=None,
    )


def verified_in_words(intent: Intent, found: ReadBack) -> str:
    """What was verified, in the words of the certificate."""
    return (
        f"verified: {_READ_BACK} and none was found; no key file is an old key; {_DESTROYED}"
        f"{left_out_in_words(intent, found.own_words)}"
    )


def left_out_in_words(intent: Intent, own_words: int) -> str:
    """Values that were not searched for, and those that stand in the product's own texts alone."""
    said = ""
    if intent.ordinary:
        said += (
            f"; {intent.ordinary} values that are ordinary words of this product were not searched"
        )
    if own_words:
        said += f"; {own_words} values stand in texts of this product or of Dagster alone"
    return said
