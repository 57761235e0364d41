"""Pseudonyms: a keyed hash of the CRN, made here once; everything downstream sees only these."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.conformed import CONFORMED
from safer_streets_assets.cohort.reviews import ensure_review_tables, links_in_force
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.keys import keyed_digest

PSEUDONYM_KEY = "pseudonym"


def pseudonym(key: str, crn: str) -> str:
    """HMAC-SHA-256 of a normalised CRN under the pseudonym key.

    An unkeyed hash of the 26 million possible CRNs is reversed in seconds, so the key is as
    sensitive as the data; destroying it ends linkage (DPIA, de-personalisation).
    """
    return keyed_digest(key, crn)


def make_pseudonyms(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> int:
    """Rebuilds `restricted.person_pseudonyms` (crn_key, person_id) from the raw tables.

    A CRN that a person accepted as another one, mistyped, gets the pseudonym of that one: here and
    nowhere else. A CRN that NPS sent is that person's own, whatever was accepted before it came.
    Returns the number of CRNs. The restricted store is attached for writing.

    Raises:
        KeyMissingError: the pseudonym key is not there.
    """
    key = Keys(folder.keys).read(PSEUDONYM_KEY)
    raw = [
        f"SELECT {CRN_KEY} FROM restricted.{raw_table(name)}"
        for name, source in policy.sources.items()
        if CRN_KEY in raw_columns(source)
    ]
    crns = [crn for (crn,) in connection.execute(" UNION ".join(raw) + " ORDER BY 1").fetchall()]
    meant = _links(connection)
    ids = [pseudonym(key, meant.get(crn, crn)) for crn in crns]
    people = pd.DataFrame(
        {
            "crn_key": pd.Series(crns, dtype=object),
            "person_id": pd.Series(ids, dtype=object),
        }
    )
    connection.register("people", people)
    try:
        connection.execute(
            "CREATE OR REPLACE TABLE restricted.person_pseudonyms AS "
            "SELECT crn_key::VARCHAR AS crn_key, person_id::VARCHAR AS person_id FROM people"
        )
    finally:
        connection.unregister("people")
    return len(crns)


def _links(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """CRN sent to CRN meant, of links in force whose CRN sent is nobody's."""
    ensure_review_tables(connection)
    known_source = next(name for name, table in CONFORMED.items() if table == "court_cases")
    rows = connection.execute(
        f"SELECT DISTINCT {CRN_KEY} FROM restricted.{raw_table(known_source)}"
    ).fetchall()
    known = {crn for (crn,) in rows}
    links = links_in_force(connection)
    return {sent: meant for sent, meant in links.items() if sent not in known}
