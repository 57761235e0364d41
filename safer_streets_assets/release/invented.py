"""Whether a release rests on invented drops, and how each of its files says so.

The CRNs of invented drops are made so that they can be told from others. So no list of drops has to
be kept, and a file that was copied, renamed or saved anew is still known.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.demo.crns import FEWEST, MODULUS, NUMBERS, SHARE
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import Column
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import read_sql

INVENTED = "Invented data: it rests on drops of invented people and says nothing of the programme."
COLUMN = Column("invented_data", "remark", "BOOLEAN", "true: the figures are of invented people")
"""Stands last in files that have no other place to say it."""


def rests_on_invented(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether any loaded drop is an invented one; the restricted store is attached.

    A drop is, when it holds the CRNs of at least five invented people and few others.
    """
    sql = read_sql("release", "invented_drops")
    return any(
        one_number(
            connection,
            sql.format(
                raw_table=raw_table(name),
                crn_key=CRN_KEY,
                numbers=NUMBERS,
                modulus=MODULUS,
                fewest=FEWEST,
                share=SHARE,
            ),
        )
        for name, source in policy.sources.items()
        if source.crn_field is not None
    )
