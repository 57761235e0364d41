"""The register of contacts: roles and work addresses of staff, primary and secondary."""

from __future__ import annotations

import re
from datetime import date

import duckdb

from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.tables import CONTACTS, Entry, close, insert, new_id
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_number

RANKS = ("primary", "secondary")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9 ()]{7,20}")


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
) -> str:
    """Records a contact of a party of the policy; returns its id.

    Raises:
        RegisterError: the policy has no such party, the rank is not one of `RANKS` or is taken, the
            address is neither an e-mail address nor a telephone number, or it is that of the
            party's other contact.
    """
    parties = policy.dpia.accountability.parties
    if party not in parties:
        raise RegisterError(f"There is no such party; use one of {', '.join(parties)}.")
    if rank not in RANKS:
        raise RegisterError(f"The rank is none of {', '.join(RANKS)}; give one of them.")
    if not _ADDRESS.fullmatch(work_address.strip()):
        raise RegisterError("Give a work e-mail address or a telephone number of staff.")
    taken = (
        "SELECT count(*) FROM registers.contacts WHERE party = ? AND rank = ? AND closed_at IS NULL"
    )
    if one_number(connection, taken, [party, rank]):
        raise RegisterError(f"The party has a {rank} contact; close that one first.")
    others = connection.execute(
        "SELECT work_address FROM registers.contacts WHERE party = ? AND closed_at IS NULL", [party]
    ).fetchall()
    if _bare(work_address) in {_bare(address) for (address,) in others}:
        raise RegisterError(
            "The party's other contact has this address; give somebody else's, who is there when "
            "the first one is not."
        )
    contact_id = new_id(CONTACTS)
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
    return contact_id


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
