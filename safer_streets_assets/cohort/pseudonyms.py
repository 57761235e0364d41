"""Pseudonyms: a keyed hash of the CRN, made here once; everything downstream sees only these."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.cohort.person import people_meant
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.frames import write_frame
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

    A CRN that is taken for another one, mistyped, gets the pseudonym of the person meant: `person`
    says who that is. Returns the number of CRNs. The restricted store is attached for writing.

    Raises:
        KeyMissingError: the pseudonym key is not there.
    """
    key = Keys(folder.keys).read(PSEUDONYM_KEY)
    raw = [
        f"SELECT {CRN_KEY} FROM restricted.{raw_table(name)}"
        for name, source in policy.sources.items()
        if source.crn_field is not None
    ]
    crns = [crn for (crn,) in connection.execute(" UNION ".join(raw) + " ORDER BY 1").fetchall()]
    meant = people_meant(connection, policy)
    ids = [pseudonym(key, meant.get(crn, crn)) for crn in crns]
    people = pd.DataFrame(
        {
            "crn_key": pd.Series(crns, dtype=object),
            "person_id": pd.Series(ids, dtype=object),
        }
    )
    types = {"crn_key": "VARCHAR", "person_id": "VARCHAR"}
    write_frame(connection, "restricted.person_pseudonyms", people, types)
    return len(crns)
