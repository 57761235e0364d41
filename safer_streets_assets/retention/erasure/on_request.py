"""Erases one drop or one person on request, or what is no longer agreed; verifies and certifies it.

What is to be done is on disk first (`holdings.intent`). Then files go, keys first; the restricted
store and the registers are rebuilt without the rows; the research store, which is made from the
restricted one, is begun anew and filled as far as the linked cohort, and the next run makes the
rest. Every store is read back. Each step can be killed and run again. What is done and could not be
verified is on record as open (`records.open_erasures`). The caller holds the run's lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb

from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.intake.erased_people import marks_sql
from safer_streets_assets.intake.landing import drop_id_of, files_in_landing
from safer_streets_assets.intake.quarantine import key_name, put_back_name, sealed_path_name
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.intake.returns import discard_returns, write_returns
from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.certifying import certify_or_leave_open, is_certified
from safer_streets_assets.retention.erasure.no_longer_agreed import (
    NotAgreed,
    staying_without,
    tells_of,
    verify_not_held,
)
from safer_streets_assets.retention.erasure.planning import Plan, intent_of
from safer_streets_assets.retention.erasure.registers_after import registers_after
from safer_streets_assets.retention.erasure.subjects import ErasureScope, staying_rows
from safer_streets_assets.retention.errors import ErasureError, ErasureNotVerifiedError
from safer_streets_assets.retention.holdings.asked import forget_subject, new_erasure_id
from safer_streets_assets.retention.holdings.bundles import erase_bundles_that
from safer_streets_assets.retention.holdings.intent import (
    Intent,
    clear_unfinished,
    end_intent,
    forget_what_to_look_for,
    read_intent,
    write_intent,
)
from safer_streets_assets.retention.holdings.inventory import files_below
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.retention.records.open_erasures import find_open, open_erasures
from safer_streets_assets.retention.traces.fingerprints import texts_of_file
from safer_streets_assets.retention.traces.read_back import look_for, searcher_of
from safer_streets_assets.stores import DataFolder, Keys, StoreName, open_stores
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.rebuild import finish_rebuild, rebuild_store
from safer_streets_assets.stores.register_copy import keep_copy
from safer_streets_assets.stores.registers import ensure_registers

_STORES: tuple[StoreName, ...] = ("restricted", "research", "registers")


def erase_on_request(
    folder: DataFolder, policy: Policy, plan: Plan, now: datetime, today: date
) -> Certificate:
    """Erases what a plan names; `now` in UTC, `today` in the policy's time zone.

    The caller holds the run's lock, and has finished what was begun before.

    Raises:
        ErasureError: nothing of a drop is held, or another erasure is under way.
        ErasureNotVerifiedError: it is done, and something that is equal to a part of it is left: it
            is on record as open.
        KeyMissingError, StoreError: a store does not open.
    """
    if plan.is_empty and plan.subject.kind == "drop":
        raise ErasureError("Nothing of this drop is held: it was erased, or is in no store.")
    erasure_id = new_erasure_id()
    written = erase_planned(folder, policy, plan, now, today, erasure_id)
    if not written:
        raise ErasureNotVerifiedError(sentence_of_open(folder, erasure_id))
    return written[0]


def erase_planned(
    folder: DataFolder,
    policy: Policy,
    plan: Plan,
    now: datetime,
    due_on: date,
    erasure_id: str,
) -> list[Certificate]:
    """Erases what a plan names under an id; returns its certificate, or none: it is left open.

    `now` is in UTC, `due_on` the day for which it was asked. The caller holds the run's lock.

    Raises:
        ErasureError: another erasure is under way.
        KeyMissingError, StoreError: a store does not open.
    """
    if read_intent(folder) is not None:
        raise ErasureError(
            "Another erasure was interrupted; run safer-streets retention --enforce first."
        )
    with open_stores(folder, write=["restricted"]) as connection:
        ensure_raw_tables(connection, policy)
    write_intent(folder, intent_of(folder, plan, now, due_on, erasure_id))
    return finish_on_request(folder, policy, now)


def sentence_of_open(folder: DataFolder, erasure_id: str) -> str:
    """What is said of an erasure that is done and could not be verified."""
    with open_stores(folder, read=["registers"]) as connection:
        return find_open(open_erasures(connection), erasure_id).sentence


def finish_on_request(folder: DataFolder, policy: Policy, now: datetime) -> list[Certificate]:
    """Finishes an erasure that was begun, from wherever it stands; returns its certificate.

    What could not be verified has none: it is put on record as open, and nothing waits for it.
    """
    clear_unfinished(folder)
    intent = read_intent(folder)
    if intent is None:
        return []
    for store in _STORES:
        finish_rebuild(folder, store)
    written = []
    if not is_certified(folder, intent):
        _erase_files(folder, intent)
        _erase_bundles(folder, policy, intent)
        _erase_rows(folder, policy, intent)
        _bring_up_to_date(folder, policy, intent)
        _verify_done(folder, policy, intent)
        found = look_for(folder, intent, policy)
        written = certify_or_leave_open(folder, policy, intent, found, now)
    if written:
        forget_what_to_look_for(folder, intent.erasure_id)
    end_intent(folder)
    return written


def _erase_files(folder: DataFolder, intent: Intent) -> None:
    """Sealed drops, copies in the landing folder, workbooks, and what a run left of its own."""
    forget_subject(folder, intent.erasure_id)
    for drop_id in intent.going_drops:
        Keys(folder.keys).destroy(key_name(drop_id))
    for drop_id in intent.going_drops:
        sealed = folder.quarantine / sealed_path_name(drop_id)
        for path in (sealed, sealed.with_name(f".{sealed.name}.part")):
            overwrite_and_unlink(path)
        if intent.kind == "drop":
            _erase_landed(folder, drop_id)
    discard_returns(folder)
    for name in ("spill", "reading"):
        for path in files_below(folder.restricted / name):
            overwrite_and_unlink(path)


def _erase_bundles(folder: DataFolder, policy: Policy, intent: Intent) -> None:
    """Answers to subject access requests that hold something of it: they can be given anew."""
    searcher, gone = searcher_of(intent, policy), _gone(intent)
    erase_bundles_that(
        folder,
        lambda content: any(
            searcher.holds(text) or tells_of(gone, text) for text in texts_of_file(content)
        ),
    )


def _gone(intent: Intent) -> NotAgreed:
    return NotAgreed(intent.fields, intent.sources)


def _erase_landed(folder: DataFolder, drop_id: str) -> None:
    """Copies of a drop: renamed first, or a file half overwritten would be taken for a new drop."""
    hidden = f".{drop_id[:16]}."
    files, _ = files_in_landing(folder)
    places = [file.path for file in files]
    places += folder.landing.rglob(put_back_name(drop_id))
    for number, path in enumerate(places):
        if path.is_file() and drop_id_of(path) == drop_id:
            path.rename(_free(path.with_name(f"{hidden}{number}.erasing")))
            sync_folder(path.parent)
    for path in [*folder.landing.rglob(f"{hidden}*.erasing")]:
        overwrite_and_unlink(path, keep_other_names=True)
    part = Path(put_back_name(drop_id)).with_suffix(".part").name
    for path in [*folder.landing.rglob(part)]:
        overwrite_and_unlink(path, keep_other_names=True)


def _free(path: Path) -> Path:
    while path.exists():
        path = path.with_name(f"{path.stem}0.erasing")
    return path


def _erase_rows(folder: DataFolder, policy: Policy, intent: Intent) -> None:
    """Rebuilds the stores without the rows; one that lies under a new key already is done."""
    subject = ErasureScope(intent.kind, intent.crns, intent.going_drops)

    def restricted(connection: duckdb.DuckDBPyConnection, was: str) -> Mapping[str, str]:
        if intent.kind == "agreement":
            return staying_without(connection, policy, _gone(intent), was)
        queries = staying_rows(connection, policy, subject, searcher_of(intent, policy), was)
        if intent.crns:
            marks = marks_sql(folder, intent.crns, was, intent.begun_at)
            queries['"main"."erased_people"'] = marks
        return queries

    def registers(connection: duckdb.DuckDBPyConnection, was: str) -> Mapping[str, str]:
        return registers_after(connection, policy, intent, was)

    if Keys(folder.keys).fingerprint("restricted") == intent.old_keys.get("restricted"):
        rebuild_store(folder, "restricted", restricted)
    if intent.kind != "agreement":  # the registers hold nothing of a field
        rebuild_store(folder, "registers", registers)
    keep_copy(folder)
    if Keys(folder.keys).fingerprint("research") == intent.old_keys.get("research"):
        rebuild_store(folder, "research", "nothing")


def _bring_up_to_date(folder: DataFolder, policy: Policy, intent: Intent) -> None:
    """The research store as far as the linked cohort, the workbooks for senders; asks for a run."""
    stores = list(_STORES)
    for store in stores:  # each is made before they are opened together
        with open_stores(folder, write=[store]):
            pass
    with open_stores(folder, write=stores) as connection:
        ensure_registers(connection)
        ensure_raw_tables(connection, policy)
        if Keys(folder.keys).exists(PSEUDONYM_KEY):
            make_pseudonyms(connection, folder, policy)
            for source in policy.sources:
                conform(connection, policy, source)
            link_cohort(connection, policy)
        write_returns(connection, folder, policy)
    request_run(folder)


def _verify_done(folder: DataFolder, policy: Policy, intent: Intent) -> None:
    """Checks that every step is done: no sealed file is there, and nothing that is not agreed.

    Raises:
        ErasureNotVerifiedError: something is, so the erasure is not done.
    """
    sealed = [folder.quarantine / sealed_path_name(drop_id) for drop_id in intent.going_drops]
    if any(path.exists() for path in sealed):
        raise ErasureNotVerifiedError(
            "A sealed file is still there after erasing it; run safer-streets retention --enforce "
            "again, and report it if this happens twice."
        )
    if intent.kind == "agreement":
        verify_not_held(folder, policy, _gone(intent))
