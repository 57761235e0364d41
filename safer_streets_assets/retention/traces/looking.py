"""Looks whether an erasure on request, or of what is no longer agreed, left anything."""

from __future__ import annotations

from safer_streets_assets.retention.erasure.erasing import copies_of_keys
from safer_streets_assets.retention.holdings.intent import Intent
from safer_streets_assets.retention.records.open_erasures import COPY_OF_A_KEY
from safer_streets_assets.retention.traces.fingerprints import Fingerprints, Searcher
from safer_streets_assets.retention.traces.read_back import ReadBack, read_back
from safer_streets_assets.stores import DataFolder


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
