"""The register of contacts: roles and work addresses of staff, primary and secondary; those who
were it before stay in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import duckdb

from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.tables import CONTACTS, Entry, close, insert, new_id
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import transaction

RANKS = ("primary", "secondary")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9 ()]{7,20}")


@dataclass(frozen=True)
class Added:
    """A contact that was recorded, and the one that it replaces, by their ids."""

    contact_id: str
    replaced: str | None


def add_contact(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    *,
    party: str,
    rank: str,
    role: str,
    work_address: str,
    since: date,
    entry: Entry,
) -> Added:
    """Records a contact of a party of the policy.

    A party has one of each rank, who differ in role and address. A new one of a rank takes the
    place of the one before, which is closed and stays in the register.

    Raises:
        RegisterError: the policy has no such party, the rank is not one of `RANKS`, the address is
            neither an e-mail address nor a telephone number, role or address is that of the party's
            other contact, or this contact is on record as it is.
    """
    parties = policy.dpia.accountability.parties
    if party not in parties:
        raise RegisterError(f"There is no such party; use one of {', '.join(parties)}.")
    if rank not in RANKS:
        raise RegisterError(f"The rank is none of {', '.join(RANKS)}; give one of them.")
    if not _ADDRESS.fullmatch(work_address.strip()):
        raise RegisterError("Give a work e-mail address or a telephone number of staff.")
    standing = _standing(connection, party)
    before = standing.pop(rank, None)
    for other in standing.values():
        _refuse_the_same(other, role, work_address)
    if before and (_plain(before.role), _bare(before.address)) == (
        _plain(role),
        _bare(work_address),
    ):
        raise RegisterError("This contact is on record already, in this rank.")
    contact_id = new_id(CONTACTS)
    with transaction(connection):
        if before is not None:
            close_contact(connection, before.contact_id, entry)
        insert(
            connection,
            CONTACTS,
            contact_id=contact_id,
            party=party,
            rank=rank,
            role=role,
            work_address=work_address.strip(),
            since=since,
            recorded_by=entry.by,
            recorded_at=entry.at,
        )
    return Added(contact_id, before.contact_id if before else None)


@dataclass(frozen=True)
class _Standing:
    contact_id: str
    role: str
    address: str


def _standing(connection: duckdb.DuckDBPyConnection, party: str) -> dict[str, _Standing]:
    """The contacts of a party that are not closed, by rank."""
    rows = connection.execute(
        "SELECT rank, contact_id, role, work_address FROM registers.contacts "
        "WHERE party = ? AND closed_at IS NULL",
        [party],
    ).fetchall()
    return {rank: _Standing(*own) for rank, *own in rows}


def _refuse_the_same(other: _Standing, role: str, work_address: str) -> None:
    """Primary and secondary differ: the second is there when the first is not."""
    for what, same in (
        ("address", _bare(other.address) == _bare(work_address)),
        ("role", _plain(other.role) == _plain(role)),
    ):
        if same:
            raise RegisterError(
                f"The party's other contact has this {what}; give somebody else's, who is there "
                "when the first one is not."
            )


def _plain(role: str) -> str:
    return " ".join(role.split()).casefold()


def _bare(address: str) -> str:
    """An address however it is written: without spaces and brackets, in small letters."""
    return re.sub(r"[\s()]", "", address).lower()


def close_contact(connection: duckdb.DuckDBPyConnection, contact_id: str, entry: Entry) -> None:
    """Records that a contact is none any more.

    Raises:
        RegisterError: there is no such contact.
    """
    close(connection, CONTACTS, contact_id, closed_at=entry.at)


def missing_contacts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[str]:
    """Which party has no contact of which rank, as `party: rank`."""
    rows = connection.execute(
        "SELECT party, rank FROM registers.contacts WHERE closed_at IS NULL"
    ).fetchall()
    there = set(rows)
    return [
        f"{party}: {rank}"
        for party in policy.dpia.accountability.parties
        for rank in RANKS
        if (party, rank) not in there
    ]
