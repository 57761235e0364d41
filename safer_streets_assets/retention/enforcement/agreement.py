"""Brings the stores of a data folder to the policy as it is now.

What was agreed since is added by one transaction, when a command that writes opens the restricted
store. What no agreement covers any more is erased: data minimisation. That is recorded first, and
killed anywhere it is finished by whoever runs next (`erasure.on_request`).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

import duckdb

from safer_streets_assets.intake.quarantine import sealed_path_name
from safer_streets_assets.intake.raw_tables import ensure_raw_tables, has_every_field, raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.erasure.no_longer_agreed import (
    NotAgreed,
    no_longer_agreed,
    texts_that_go,
    values_held,
)
from safer_streets_assets.retention.erasure.on_request import finish_on_request
from safer_streets_assets.retention.holdings.intent import Intent, read_intent, write_intent
from safer_streets_assets.retention.holdings.inventory import RESEARCH, inventory
from safer_streets_assets.retention.holdings.on_record import (
    OnRecord,
    read_beside,
    read_what_opens,
)
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.retention.traces.fingerprints import Searcher, fingerprints_of
from safer_streets_assets.retention.traces.own_words import product_words
from safer_streets_assets.retention.traces.read_back import standing_elsewhere
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.keys import KEY_BYTES
from safer_streets_assets.stores.preflight import preflight

_ENCRYPTED = ("restricted", "research")


def begin_run(folder: DataFolder, policy: Policy, now: datetime) -> None:
    """What a run does first: it finishes an erasure that was begun, then `preflight`, and then it
    brings the stores to the policy.

    The caller holds the run's lock.

    Raises:
        KeyMissingError, StoreError, ErasureNotVerifiedError: as `preflight` and `bring_to_policy`.
    """
    finish_on_request(folder, policy, now)
    preflight(folder)
    bring_to_policy(folder, policy, now)


def begin_command(folder: DataFolder, policy: Policy, now: datetime) -> None:
    """As `begin_run`, for a command that is about something else: it erases nothing by the way.

    The caller holds the run's lock.

    Raises:
        KeyMissingError, StoreError, ErasureNotVerifiedError: as `begin_run`.
    """
    intent = read_intent(folder)
    if intent is not None and intent.kind == "agreement":
        finish_on_request(folder, policy, now)
    preflight(folder)
    add_agreed(folder, policy)


def add_agreed(folder: DataFolder, policy: Policy) -> bool:
    """Adds to the restricted store what was agreed since, in one transaction; false for a data
    folder that is closed, or has no restricted store that can be opened: it is left alone."""

    def is_complete(connection: duckdb.DuckDBPyConnection, known: OnRecord) -> bool | None:
        if known.closed or known.rows_of("restricted") is None:
            return None
        return has_every_field(connection, policy)

    found = read_what_opens(folder, is_complete, always=["registers"])
    if found is None:
        return False
    if not found:
        with open_stores(folder, write=["restricted"]) as connection:
            ensure_raw_tables(connection, policy)
    return True


def bring_to_policy(folder: DataFolder, policy: Policy, now: datetime) -> list[Certificate]:
    """Adds what was agreed since and erases what is no longer agreed; returns the certificate.

    The caller holds the run's lock, and has finished what was begun before. `now` is in UTC. A data
    folder that is closed, or has no restricted store that can be opened, is left alone.

    Raises:
        ErasureNotVerifiedError: something is left; the next call tries again.
        StoreError: a store does not open.
    """
    if not add_agreed(folder, policy):
        return []
    gone = held_without_agreement(folder, policy)
    if not gone.names:
        return []
    write_intent(folder, _intent(folder, policy, gone, now))
    return finish_on_request(folder, policy, now)


def held_without_agreement(folder: DataFolder, policy: Policy) -> NotAgreed:
    """What is held that no agreement covers and no exception keeps. Changes nothing."""

    def gone(connection: duckdb.DuckDBPyConnection, known: OnRecord) -> NotAgreed:
        if known.rows_of("restricted") is None:
            return NotAgreed({}, [])
        return no_longer_agreed(connection, policy, read_beside(connection).excepted)

    return read_what_opens(folder, gone)


def _intent(folder: DataFolder, policy: Policy, gone: NotAgreed, now: datetime) -> Intent:
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        counts = values_held(connection, gone)
        texts = texts_that_go(connection, gone)
        sealed = _sealed_drops(connection, folder, gone.touched)
    key = secrets.token_hex(KEY_BYTES)
    ordinary = {text for text in texts if product_words().hold(text)}
    prints = fingerprints_of(key, [], [], texts - ordinary)
    left = prints.texts
    if left:
        raw = [raw_table(name) for name in policy.dpia.sources] + [
            raw_table(name) for name in gone.touched
        ]
        searcher = Searcher(key, prints, policy.dpia.person_number)
        elsewhere = standing_elsewhere(folder, searcher, [*raw, "set_aside_rows"])
        left = sorted(set(left) - elsewhere)
    files = [*inventory(folder)[RESEARCH].files, folder.database("restricted")]
    there = [path for path in files if path.exists()]
    return Intent(
        erasure_id=secrets.token_hex(16),
        kind="agreement",
        begun_at=now,
        asked_on=today_of(policy),
        crns=[],
        going_drops=[],
        near_misses=[],
        old_keys={
            s: mark for s in _ENCRYPTED if (mark := Keys(folder.keys).fingerprint(s)) is not None
        },
        fingerprint_key=key,
        first_words=prints.first_words,
        fingerprints=[],
        tables=len(gone.touched),
        row_count=sum(counts.values()),
        files=len(there),
        bytes=sum(path.stat().st_size for path in there),
        not_searched=sealed,
        fields={name: list(own) for name, own in gone.fields.items()},
        sources=list(gone.sources),
        texts=left,
        ordinary=len(ordinary),
    )


def _sealed_drops(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, sources: Collection[str]
) -> int:
    """How many sealed drops of some sources there are: they are as they arrived, and unread."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE list_contains(?::VARCHAR[], source)",
        [list(sources)],
    ).fetchall()
    return sum((folder.quarantine / sealed_path_name(drop_id)).exists() for (drop_id,) in rows)
