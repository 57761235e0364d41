"""Carries out a request of a person: logged, looked up, written into a folder, and marked as such.

The request is logged before anything is looked up: its time runs from its receipt, whatever
happens here. The log has a random id and no CRN.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from safer_streets_assets.accountability.requests import SUBJECT_ACCESS, add_rights_request
from safer_streets_assets.accountability.tables import (
    RIGHTS_REQUESTS,
    Entry,
    ensure_accountability,
    refuse_unless_open,
)
from safer_streets_assets.cohort.person import PersonError
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings.bundles import FOLDER, opened_bundle
from safer_streets_assets.retention.holdings.on_record import openable
from safer_streets_assets.rights.bundle import (
    bundle_files,
    bundle_marker,
    seal_bundle,
    write_bundle,
)
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.rights.subject_access import AccessRequest, answer_of
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import closed, preflight
from safer_streets_assets.stores.registers import ensure_registers


@dataclass(frozen=True)
class AnswerGiven:
    """Where the answer lies, by when it is to be given, and whether anything is held."""

    asked: AccessRequest
    place: Path
    nothing_is_held: bool
    withheld: int


def folder_for_answers(folder: DataFolder, policy: Policy, out: Path | None) -> Path:
    """The folder in which the folder of an answer is made: `out`, or one of the data folder.

    Raises:
        RightsError: the name of `out` holds a CRN, or it lies in the data folder.
    """
    if out is None:
        return folder.bundles
    number = policy.dpia.person_number
    if holds_crn(str(out), number):
        raise RightsError(
            f"The name of the folder holds a {number.called}; choose one that says nothing."
        )
    if out.resolve().is_relative_to(folder.root.resolve()):
        raise RightsError(
            "Choose a folder outside the data folder, or leave --out away: then the answer lies "
            "sealed in the data folder until retention erases it."
        )
    return out


def answer_request(
    folder: DataFolder,
    policy: Policy,
    crn: str,
    *,
    out: Path | None,
    received_on: date,
    request_id: str | None,
    for_review: bool,
    entry: Entry,
) -> AnswerGiven:
    """Writes everything that is held on the person of a normalised CRN; under the run's lock.

    With `request_id` an open request is answered again, otherwise one is logged.

    Raises:
        RightsError: there is no such request, the answer cannot be written, or whose the rows under
            the CRN are is to be settled first.
        RegisterError: the day of receipt lies in the future, or the request is closed.
        KeyMissingError, StoreError: a store that exists does not open.
    """
    base = folder_for_answers(folder, policy, out)
    today = local_date(entry.at, policy.dpia.evaluation.timezone)
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        ensure_accountability(connection)
        if request_id is None:
            request_id = add_rights_request(
                connection, policy, SUBJECT_ACCESS, received_on, today, entry
            )
        asked = _asked(connection, request_id)
    place = base / f"{FOLDER}{request_id}"
    try:
        return _write(folder, policy, crn, asked, place, out is None, for_review, entry)
    except (RightsError, PersonError) as error:
        raise RightsError(f"{error} The request is logged: give --request {request_id}.") from None


def open_answer(folder: DataFolder, policy: Policy, request_id: str, out: Path) -> Path:
    """Writes the sealed answer to a request opened into a new folder; under the run's lock.

    Raises:
        RightsError: there is none, or it cannot be written there.
        KeyMissingError, SealError: it does not open with its key.
    """
    place = folder_for_answers(folder, policy, out) / f"{FOLDER}{request_id}"
    files = opened_bundle(folder, request_id)
    if not files:
        raise RightsError(
            "No sealed answer to a request of this id lies in the data folder; take the id that "
            "safer-streets subject-access printed, or give the answer anew with --request."
        )
    write_bundle(place, files)
    return place


def _write(
    folder: DataFolder,
    policy: Policy,
    crn: str,
    asked: AccessRequest,
    place: Path,
    is_in_data: bool,
    for_review: bool,
    entry: Entry,
) -> AnswerGiven:
    if not closed(folder):
        preflight(folder)
    today = local_date(entry.at, policy.dpia.evaluation.timezone)
    with open_stores(folder, read=openable(folder)) as connection:
        answer = answer_of(connection, folder, policy, crn, asked, entry.at, today)
    files = bundle_files(answer, policy, for_review=for_review)
    if is_in_data:
        seal_bundle(folder, asked.request_id, files, bundle_marker(answer))
    else:
        write_bundle(place, files)
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute(
            "UPDATE registers.rights_requests SET written_at = ? WHERE request_id = ?",
            [entry.at, asked.request_id],
        )
    return AnswerGiven(asked, place, answer.nothing_is_held, len(answer.withheld))


def _asked(connection: duckdb.DuckDBPyConnection, request_id: str) -> AccessRequest:
    refuse_unless_open(connection, RIGHTS_REQUESTS, request_id)
    row = connection.execute(
        "SELECT kind, received_on, due_on FROM registers.rights_requests WHERE request_id = ?",
        [request_id],
    ).fetchone()
    if row is None or row[0] != SUBJECT_ACCESS:
        raise RightsError("The request of this id is no subject access request; leave it away.")
    return AccessRequest(request_id, row[1], row[2])
