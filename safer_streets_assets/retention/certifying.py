"""The certificate of an erasure that was asked for, or that follows from the policy."""

from __future__ import annotations

from datetime import datetime

from safer_streets_assets.retention.certificates import (
    NOT_REACHED,
    Certificate,
    insert_certificate,
)
from safer_streets_assets.retention.chain import chain_certificates
from safer_streets_assets.retention.intent import Intent
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.queries import one_number, transaction

RULE = "on request"
AGREEMENT_RULE = "no longer agreed"
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


def certify(folder: DataFolder, intent: Intent, now: datetime) -> Certificate:
    """Writes the certificate of a verified erasure and puts it into the chain; `now` is in UTC.

    Drops of a source that went whole are erased from then on, on the ledger.
    """
    certificate = _certificate(intent, now)
    with open_stores(folder, write=["registers"]) as connection, transaction(connection):
        for source in intent.sources:
            connection.execute(
                "UPDATE registers.drops SET state = 'erased', decided_at = ? "
                "WHERE source = ? AND state = 'loaded'",
                [now, source],
            )
        insert_certificate(connection, certificate)
        chain_certificates(connection)
    return certificate


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


def _certificate(intent: Intent, now: datetime) -> Certificate:
    agreement = intent.kind == "agreement"
    not_reached = f"{NOT_REACHED}; what was handed out, releases that were published"
    if intent.not_searched:
        why = "are not read" if agreement else "cannot be opened"
        not_reached += (
            f"; {intent.not_searched} sealed drops that {why}, which go by their own rule"
        )
    return Certificate(
        certificate_id=intent.erasure_id,
        holding=f"{intent.kind}/{_name(intent)}",
        store="all",
        what=_what(intent),
        rule=AGREEMENT_RULE if agreement else RULE,
        due_on=intent.asked_on,
        erased_at=now,
        files=intent.files,
        bytes=intent.bytes,
        row_count=intent.row_count,
        method=METHOD_AGREEMENT if agreement else METHOD,
        verification=VERIFIED_AGREEMENT if agreement else VERIFIED,
        not_reached=not_reached,
    )


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
