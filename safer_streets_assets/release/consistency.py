"""Whether a release may still become the current one: whole, and consistent with what has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb

from safer_streets_assets.disclosure.earlier import published_files
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import CERTIFIED_AGREEMENT, CERTIFIED_ON_REQUEST
from safer_streets_assets.quotes.questions import question_of
from safer_streets_assets.release.checksums import read_quotes, read_record, verify_release
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.quotes import quotes_of
from safer_streets_assets.release.standing import CANDIDATE, Standing
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import has_table, stopped_stages


class _Event(NamedTuple):
    """Something that a register keeps: its table, and the query of when it last happened."""

    table: str
    query: str
    values: list[str]


_ERASED = _Event(
    "deletion_certificates",
    "SELECT max(erased_at) FROM registers.deletion_certificates WHERE rule IN (?, ?)",
    [CERTIFIED_ON_REQUEST, CERTIFIED_AGREEMENT],
)
_WITHDRAWN = _Event(
    "quote_decisions",
    "SELECT max(decided_at) FROM registers.quote_decisions WHERE decision = ?",
    ["withdrawn"],
)
_OBJECTED = _Event(
    "rights_requests",
    "SELECT max(closed_at) FROM registers.rights_requests WHERE kind = ? AND outcome = ?",
    ["objection", "answered"],
)
"""Upheld objections, which the register of requests of data subjects holds under that outcome."""


def refuse_damaged(folder: DataFolder, release: Standing) -> None:
    """Refuses a release whose files are not those that were registered.

    Raises:
        ReleaseError: a file is missing, changed or added, or the folder is another release's.
    """
    place = folder.releases / release.release_id
    verify_release(place)
    record = read_record(place)
    stated = (record.get("id"), record.get("number"), record.get("content_hash"))
    if stated != (release.release_id, release.number, release.content_hash):
        raise ReleaseError(
            f"The folder of release {release.release_id} holds another release than the register "
            "has under that id; restore it from a copy."
        )


def refuse_inconsistent(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection, policy: Policy, release: Standing
) -> None:
    """Refuses a release that may not become the current one any more. The registers are attached.

    All releases that were ever made were protected together, whatever became of them. So what is
    known of them stays as it was proven, as long as each is there as it was made. What may have
    changed is what may be printed and of whom.

    Raises:
        ReleaseError: the release is damaged; the policy asks for more than it kept to; a stage that
            it prints was given up; or somebody was erased, an objection upheld, or a quote
            withdrawn, since it was made.
        EarlierReleaseError: another release is missing or has changed.
    """
    refuse_damaged(folder, release)
    published_files(folder, registers)
    record = read_record(folder.releases / release.release_id)
    again = "run safer-streets run for a release of what is held now"
    if release.state == CANDIDATE and release.policy_hash != policy.digest:
        raise ReleaseError(
            f"The policy has changed since release {release.release_id} was built: {again}."
        )
    if int(record["threshold"]) < policy.dpia.thresholds.minimum_count:
        raise ReleaseError(
            f"Release {release.release_id} prints counts that the policy hides by now: {again}."
        )
    stopped = stopped_stages(registers)
    for table in record["tables"]:
        spec = policy.tables.tables.get(table["name"])
        if table["rows"] and (spec is None or spec.gate in stopped):
            raise ReleaseError(
                f"Release {release.release_id} prints the table {table['name']}, which may not be "
                f"printed any more: {again}."
            )
    if (since := last_taken_out(registers)) is not None and since >= release.made_at:
        raise ReleaseError(
            f"Somebody was erased or an objection was upheld after release {release.release_id} "
            f"was made, which counts them: {again}."
        )
    if quotes := quotes_of(read_quotes(folder.releases / release.release_id)):
        _refuse_quotes(registers, policy, release, quotes, again)


def _refuse_quotes(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    release: Standing,
    quotes: Sequence[Mapping[str, str]],
    again: str,
) -> None:
    """Refuses a release with quotes once any was withdrawn after it was made (the register does not
    hold the words by which one could tell that it was another), or once the policy no longer has
    the consent or the question of one of them."""
    since = _latest(registers, _WITHDRAWN)
    if since is not None and since >= release.made_at:
        raise ReleaseError(
            f"A quote was withdrawn after release {release.release_id} was made, which has quotes: "
            f"{again}."
        )
    for quote in quotes:
        consents = policy.dpia.quotes.consents_of(quote["source"])
        asked = question_of(policy, quote["source"], quote["question"])
        if quote["consent"] not in consents or asked is None:
            raise ReleaseError(
                f"Release {release.release_id} has a quote whose consent or question the policy no "
                f"longer has: {again}."
            )


def last_taken_out(registers: duckdb.DuckDBPyConnection) -> datetime | None:
    """When somebody's data was last erased on request, or an objection upheld (UTC)."""
    found = (_latest(registers, event) for event in (_ERASED, _OBJECTED))
    return max((at for at in found if at is not None), default=None)


def _latest(registers: duckdb.DuckDBPyConnection, event: _Event) -> datetime | None:
    """When something last happened; None where it never did, or its register is not there yet."""
    if not has_table(registers, event.table):
        return None
    ((at,),) = registers.execute(event.query, event.values).fetchall()
    return at if isinstance(at, datetime) else None
