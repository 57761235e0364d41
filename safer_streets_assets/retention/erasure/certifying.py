"""The certificate of an erasure that was asked for, or that follows from the policy."""

from __future__ import annotations

from datetime import datetime

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import CERTIFIED_AGREEMENT, CERTIFIED_ON_REQUEST
from safer_streets_assets.retention.holdings.intent import Intent, keep_what_to_look_for
from safer_streets_assets.retention.records.certificates import (
    NOT_REACHED,
    Certificate,
    PendingErasure,
    signature,
    write_certificates,
)
from safer_streets_assets.retention.records.open_erasures import OpenErasure, leave_open
from safer_streets_assets.retention.traces.read_back import ReadBack
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.queries import one_number, transaction

RULE, AGREEMENT_RULE = CERTIFIED_ON_REQUEST, CERTIFIED_AGREEMENT
_DESTROYED = "the fingerprints and their key were destroyed"
_REBUILT = (
    "research store made anew, under new keys; old keys, then old files, sealed files and "
    "workbooks overwritten in place with 3 random passes and unlinked"
)
METHOD = f"restricted store and registers rebuilt without it and {_REBUILT}"
METHOD_AGREEMENT = f"restricted store rebuilt without it and {_REBUILT}"
VERIFIED = (
    "verified: every store, release, history file and file of the data folder but those waiting in "
    "the landing folder was read back for keyed fingerprints of it and none was found; no key file "
    f"is an old key; {_DESTROYED}"
)
VERIFIED_AGREEMENT = (
    "verified: no table of the restricted store and no row set aside has it; every store, release, "
    "history file and file of the data folder but those waiting in the landing folder was read "
    "back for keyed fingerprints of its texts that stand nowhere else and none was found; no key "
    f"file is an old key; {_DESTROYED}"
)


def certify_or_leave_open(
    folder: DataFolder, policy: Policy, intent: Intent, found: ReadBack, now: datetime
) -> list[Certificate]:
    """Writes the certificate of an erasure that is done, or puts it on record as open where
    something was found; `now` is in UTC.

    Drops of a source that went whole are erased from then on, on the ledger.
    """
    erasure = OpenErasure(
        as_pending(intent), _method(intent), _not_reached(intent), found.places, now
    )
    if found.places:
        keep_what_to_look_for(folder, intent)
    with open_stores(folder, write=["registers"]) as connection:
        with transaction(connection):
            for source in intent.sources:
                connection.execute(
                    "UPDATE registers.drops SET state = 'erased', decided_at = ? "
                    "WHERE source = ? AND state = 'loaded'",
                    [now, source],
                )
            if found.places:
                leave_open(connection, [erasure])
        if found.places:
            return []
        certificate = erasure.certify(now, verified_in_words(intent, found), signature(policy))
        write_certificates(folder, connection, [certificate])
    return [certificate]


def is_certified(folder: DataFolder, intent: Intent) -> bool:
    """Whether the certificate of an erasure is written."""
    with open_stores(folder, read=["registers"]) as connection:
        return bool(
            one_number(
                connection,
                "SELECT count(*) FROM registers.deletion_certificates WHERE certificate_id = ?",
                [intent.erasure_id],
            )
        )


def as_pending(intent: Intent) -> PendingErasure:
    """What the certificate of an erasure says of it: a person by nothing but its id."""
    return PendingErasure(
        certificate_id=intent.erasure_id,
        holding=f"{intent.kind}/{_name(intent)}",
        store="all",
        what=_what(intent),
        rule=AGREEMENT_RULE if intent.kind == "agreement" else RULE,
        due_on=intent.asked_on,
        begun_at=intent.begun_at,
        files=intent.files,
        bytes=intent.bytes,
        row_count=intent.row_count,
        key_fingerprints=sorted(intent.old_keys.values()),
        name_fingerprint=None,
    )


def verified_in_words(intent: Intent, found: ReadBack) -> str:
    """What was verified, what was not searched for, and what stands in the product's own texts."""
    said = VERIFIED_AGREEMENT if intent.kind == "agreement" else VERIFIED
    if intent.ordinary:
        said += (
            f"; {intent.ordinary} values that are ordinary words of this product were not searched"
        )
    if intent.quoted:
        said += (
            f"; {intent.quoted} texts that stand in quotes that were approved, and so in releases "
            "that were published, were not searched"
        )
    if found.own_words:
        said += f"; {found.own_words} values stand in texts of this product or of Dagster alone"
    return said


def _method(intent: Intent) -> str:
    return METHOD_AGREEMENT if intent.kind == "agreement" else METHOD


def _not_reached(intent: Intent) -> str:
    not_reached = f"{NOT_REACHED}; what was handed out, releases that were published"
    if intent.not_searched:
        why = "are not read" if intent.kind == "agreement" else "cannot be opened"
        not_reached += (
            f"; {intent.not_searched} sealed drops that {why}, which go by their own rule"
        )
    return not_reached


def _what(intent: Intent) -> str:
    if intent.kind != "agreement":
        return f"one {intent.kind}: {intent.row_count} rows in {intent.tables} tables"
    named = [f"{name}.{field}" for name, own in intent.fields.items() for field in own]
    return (
        f"no longer agreed: {', '.join([*named, *intent.sources])}; {intent.row_count} values in "
        f"{intent.tables} sources"
    )


def _name(intent: Intent) -> str:
    """A drop by its id; anything else by nothing but the erasure."""
    return intent.going_drops[0] if intent.kind == "drop" else intent.erasure_id
