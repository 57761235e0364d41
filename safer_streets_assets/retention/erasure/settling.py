"""Verifies again what could not be verified, and lets an operator settle it, with a statement."""

from __future__ import annotations

from datetime import date, datetime

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.certifying import (
    AGREEMENT_RULE,
    RULE,
    verified_in_words,
)
from safer_streets_assets.retention.erasure.erasing import VERIFIED, VERIFIED_REBUILT, names_left
from safer_streets_assets.retention.errors import DecisionError, RetentionError
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings.intent import (
    Intent,
    forget_what_to_look_for,
    open_keys,
    what_to_look_for,
)
from safer_streets_assets.retention.records.certificates import (
    Certificate,
    Signature,
    signature,
    write_certificates,
)
from safer_streets_assets.retention.records.open_erasures import (
    COPY_OF_A_KEY,
    OpenErasure,
    find_open,
    leave_open,
    read_open,
)
from safer_streets_assets.retention.records.recording import role, words
from safer_streets_assets.retention.traces.blotting import blot
from safer_streets_assets.retention.traces.read_back import look_for, searcher_of
from safer_streets_assets.stores import DataFolder, Keys, StoreError, open_stores
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.sealed import SealError
from safer_streets_assets.stores.who import user_name

GONE_WITH_ITS_STORE = "nowhere that can be said: what to look for went with the restricted store"


def verify_open(folder: DataFolder, policy: Policy, now: datetime) -> list[Certificate]:
    """Looks again for what every open erasure left; returns the certificates written.

    The caller holds the run's lock. `now` is the time in UTC.
    """
    written = []
    for one in read_open(folder):
        verification, places = _verify(folder, policy, one)
        if not places:
            written.append(_end(folder, one.certify(now, verification, signature(policy))))
        else:
            _still_open(folder, one, places, now)
    _tidy(folder)
    return written


def settle(
    folder: DataFolder,
    policy: Policy,
    erasure_id: str,
    why: str,
    by: str,
    today: date,
    now: datetime,
) -> Certificate:
    """Certifies an open erasure with the statement of who looked at the places; looks again first.

    `by` is a role of the policy; the certificate has it, the user, the day and the words. The
    caller holds the run's lock, and has seen to it that the words name nobody in the data.

    Raises:
        RetentionError: no erasure of that id is open, or a copy of a destroyed key is left.
        DecisionError: the role is none of the policy's, or the words are no line that names nobody.
    """
    decided_by, line = role(policy, by), words(why, "why", policy)
    one = find_open(read_open(folder), erasure_id)
    intent = _kept(folder, one)
    if intent is not None and blot(line, searcher_of(intent, policy)) != line:
        raise DecisionError(
            "What you give as why names whom, or what, was erased; say it in general words."
        )
    verification, places = _verify(folder, policy, one)
    if COPY_OF_A_KEY in places:
        raise RetentionError(
            "A copy of a key that was destroyed lies in the keys folder and opens copies of what "
            "was erased: nobody can settle that; overwrite and remove it (shred -u)."
        )
    signed = signature(policy)
    if places:
        verification = (
            f"not verified by reading back: something equal to a part of it stands in "
            f"{'; '.join(places)}; settled on {today} by {decided_by}, who looked there: {line}"
        )
        signed = Signature(signed.role, f"{decided_by} ({user_name()})")
    certificate = _end(folder, one.certify(now, verification, signed))
    _tidy(folder)
    return certificate


def _verify(folder: DataFolder, policy: Policy, one: OpenErasure) -> tuple[str, tuple[str, ...]]:
    """What its certificate would say, and the places where something is left."""
    if one.erasure.rule in (RULE, AGREEMENT_RULE):
        intent = _kept(folder, one)
        if intent is None:
            return "", (GONE_WITH_ITS_STORE,)
        found = look_for(folder, intent, policy)
        return verified_in_words(intent, found), found.places
    places = []
    if Keys(folder.keys).has_any_of(one.erasure.key_fingerprints):
        places.append(COPY_OF_A_KEY)
    if one.erasure.name_fingerprint is None:
        return VERIFIED, tuple(places)
    try:
        with open_stores(folder, read=["restricted"]) as connection:
            key = Keys(folder.keys)
            own = key.read(units_of.VERIFY_KEY) if key.exists(units_of.VERIFY_KEY) else None
            places += names_left(connection, own, [one.erasure])[one.erasure.holding]
    except (StoreError, KeyMissingError):
        places.append("the restricted store, which cannot be read back")
    return VERIFIED_REBUILT, tuple(places)


def _kept(folder: DataFolder, one: OpenErasure) -> Intent | None:
    """What is to be looked for; None where it went with its store, or cannot be opened."""
    try:
        return what_to_look_for(folder, one.erasure.certificate_id)
    except (KeyMissingError, SealError):
        return None


def _end(folder: DataFolder, certificate: Certificate) -> Certificate:
    with open_stores(folder, write=["registers"]) as connection:
        write_certificates(folder, connection, [certificate])
    forget_what_to_look_for(folder, certificate.certificate_id)
    return certificate


def _still_open(
    folder: DataFolder, one: OpenErasure, places: tuple[str, ...], now: datetime
) -> None:
    if places == one.places:
        return
    renewed = OpenErasure(one.erasure, one.method, one.not_reached, places, now)
    with open_stores(folder, write=["registers"]) as connection, transaction(connection):
        leave_open(connection, [renewed])


def _tidy(folder: DataFolder) -> None:
    """Destroys what a killed command left of erasures that are verified or settled."""
    left = {one.erasure.certificate_id: one for one in read_open(folder)}
    for key in open_keys(folder):
        if (erasure_id := key.removeprefix("open-")) not in left:
            forget_what_to_look_for(folder, erasure_id)
    if not any(one.erasure.name_fingerprint for one in left.values()):
        Keys(folder.keys).destroy(units_of.VERIFY_KEY)
