"""The registers as they are after an erasure: identifiers are blotted out of typed texts."""

from __future__ import annotations

import secrets

import duckdb

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.reasons import ERASED_DROP, GONE, HELD_REASONS, Reason
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.leaving import values_going
from safer_streets_assets.retention.holdings.intent import Intent
from safer_streets_assets.retention.traces.blotting import blotted_columns
from safer_streets_assets.retention.traces.fingerprints import Searcher, fingerprints_of
from safer_streets_assets.retention.traces.read_back import searcher_of
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.keys import KEY_BYTES
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets.stores.register_copy import keep_copy
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

CERTIFIED = ("deletion_certificates", "certificate_chain")
"""Tables that nothing is ever changed in: it would break their chain."""


def registers_after(
    connection: duckdb.DuckDBPyConnection, policy: Policy, intent: Intent, was: str
) -> dict[str, str]:
    """Table (as `"main"."table"`) of the old registers, attached as `was`, to its rows afterwards:
    opaque ids that pointed at somebody are gone, and identifiers in texts that operators typed.
    """
    drops = _listed(intent.going_drops)
    queries = {
        f'"main".{quoted_name(table.name)}': f"SELECT * FROM {was}.{quoted_name(table.name)} "
        f"WHERE {table.drop_column} NOT IN {drops}"
        for table in Catalogue(policy).of_store("registers").values()
        if table.drop_column is not None
    }
    reason = HELD_REASONS[ERASED_DROP if intent.kind == "drop" else GONE]
    changed = {
        "state": "'refused'",
        "reason": quoted_text(reason.code),
        "sentence": quoted_text(_sentence(reason)),
        "decided_at": f"TIMESTAMP {quoted_text(str(intent.begun_at))}",
        **dict.fromkeys(("rows_read", "rows_loaded", "rows_set_aside", "columns_dropped"), "NULL"),
        "position_date": "NULL",
    }
    # A drop that was refused for a reason of its own is not to be sent again because of this.
    which = f"drop_id IN {drops}" + (" AND state <> 'refused'" if intent.kind == "person" else "")
    replaced = ", ".join(
        f"CASE WHEN {which} THEN {value} ELSE {name} END AS {name}"
        for name, value in changed.items()
    )
    queries['"main"."drops"'] = f"SELECT * REPLACE ({replaced}) FROM {was}.drops"
    queries['"main"."review_decisions"'] = (
        f"SELECT * FROM {was}.review_decisions "
        f"WHERE near_miss_id NOT IN {_listed(intent.near_misses)}"
    )
    # The newest release is no longer of what is there: the next run makes another.
    queries['"main"."brought_up_to_date"'] = f"SELECT * FROM {was}.brought_up_to_date WHERE false"
    typed, searcher = _typed(connection, was), searcher_of(intent, policy)
    for table, blotted in blotted_columns(connection, searcher, typed, was).items():
        name = f'"main".{quoted_name(table)}'
        rows = queries.get(name, f"SELECT * FROM {was}.{quoted_name(table)}")
        queries[name] = f"SELECT * REPLACE ({', '.join(blotted)}) FROM ({rows})"
    return queries


def blot_typed_texts(folder: DataFolder, policy: Policy) -> None:
    """Rebuilds the registers without identifiers of anybody in the data, where one was typed.

    To be called before all personal data goes, while it can be told who is in it. The caller holds
    the run's lock.

    Raises:
        KeyMissingError, StoreError: a store does not open.
    """
    key = secrets.token_hex(KEY_BYTES)
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        there = tables_in(connection, "restricted")
        known = values_going(connection, policy, dict.fromkeys(there, "true")).identifiers
        crns = [crn for crn in map(normalise_crn, known) if policy.dpia.person_number.fits(crn)]
        searcher = Searcher(key, fingerprints_of(key, crns, known), policy.dpia.person_number)
        blotted = blotted_columns(
            connection, searcher, _typed(connection, "registers"), "registers"
        )
    if blotted:
        rebuild_store(
            folder,
            "registers",
            lambda _, was: {
                f'"main".{quoted_name(table)}': f"SELECT * REPLACE ({', '.join(replaced)}) "
                f"FROM {was}.{quoted_name(table)}"
                for table, replaced in blotted.items()
            },
        )
        keep_copy(folder)


def _typed(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    return [table for table in tables_in(connection, database) if table not in CERTIFIED]


def _listed(names: list[str]) -> str:
    """Texts as a list that SQL looks in; an empty text where there are none."""
    return f"({', '.join(map(quoted_text, names or ['']))})"


def _sentence(reason: Reason) -> str:
    return f"{reason.sentence}; {reason.remedy}."
