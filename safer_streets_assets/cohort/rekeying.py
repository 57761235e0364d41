"""What pseudonyms and the ids of near misses become under a new pseudonym key."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb

from safer_streets_assets.cohort.near_misses import near_miss_id
from safer_streets_assets.cohort.pseudonyms import pseudonym
from safer_streets_assets.cohort.reviews import ensure_review_tables
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.sql_files import quoted_name

MASK = "?"


class RekeyingError(SaferStreetsError):
    """A pseudonym cannot be made anew."""


def rekeyed_ids(
    connection: duckdb.DuckDBPyConnection, policy: Policy, old_key: str, key: str
) -> dict[str, str]:
    """Every pseudonym and near-miss id that stands in the stores: old to new.

    The id of a near miss that was decided on and is listed no more is found by trying all pairs
    of known CRNs that are one slip apart; one that is not found names nothing and stays as it is.
    All three stores are attached, the restricted one for writing.

    Raises:
        RekeyingError: a pseudonym stands in a store whose CRN is not known, or a table that nobody
            declared, of which nobody says whether it holds any.
    """
    ensure_review_tables(connection)
    catalogue = Catalogue(policy)
    _refuse_undeclared(connection, catalogue)
    crns = _known_crns(connection)
    renamed = {pseudonym(old_key, crn): pseudonym(key, crn) for crn in crns}
    if not _standing_people(connection, catalogue) <= renamed.keys():
        raise RekeyingError(
            "A pseudonym stands in the stores whose CRN is no longer known; run safer-streets run, "
            "which makes them all anew, and rotate again."
        )
    pairs = connection.execute(
        "SELECT crn_sent, crn_meant FROM restricted.near_misses "
        "UNION SELECT crn_sent, crn_meant FROM restricted.accepted_links ORDER BY ALL"
    ).fetchall()
    renamed |= {near_miss_id(old_key, *pair): near_miss_id(key, *pair) for pair in pairs}
    missing = _decided_ids(connection) - renamed.keys()
    if missing:
        for pair in _one_slip_apart(crns):
            was = near_miss_id(old_key, *pair)
            if was in missing:
                renamed[was] = near_miss_id(key, *pair)
    return renamed


def _known_crns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    tables = tables_in(connection, "restricted")
    known = ["SELECT crn_meant FROM restricted.accepted_links"]
    if "person_pseudonyms" in tables:
        known.append("SELECT crn_key FROM restricted.person_pseudonyms")
    return [crn for (crn,) in connection.execute(" UNION ".join(known) + " ORDER BY 1").fetchall()]


def _refuse_undeclared(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    for store in catalogue.stores:
        if count := len(catalogue.undeclared_in(connection, store)):
            raise RekeyingError(
                f"No stage declares {count} of the tables of the {store} store, so nobody says "
                "which pseudonyms stand there; run safer-streets run, and report it if that "
                "changes nothing."
            )


def _standing_people(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> set[str]:
    found: set[str] = set()
    for store in catalogue.stores:
        for table, column in catalogue.pseudonyms_in(connection, store):
            rows = connection.execute(
                f"SELECT DISTINCT {quoted_name(column)} FROM {store}.{quoted_name(table)} "
                f"WHERE {quoted_name(column)} IS NOT NULL"
            ).fetchall()
            found |= {person for (person,) in rows}
    return found


def _decided_ids(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("SELECT near_miss_id FROM registers.review_decisions").fetchall()
    return {name for (name,) in rows}


def _one_slip_apart(crns: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pairs of CRNs, either way round, that differ in one character or two neighbours swapped."""
    masked: dict[str, list[str]] = {}
    known = set(crns)
    for crn in crns:
        for place in range(len(crn)):
            masked.setdefault(f"{crn[:place]}{MASK}{crn[place + 1 :]}", []).append(crn)
            swapped = crn[:place] + crn[place : place + 2][::-1] + crn[place + 2 :]
            if swapped != crn and swapped in known:
                yield crn, swapped
    for alike in masked.values():
        yield from ((sent, meant) for sent in alike for meant in alike if sent != meant)
