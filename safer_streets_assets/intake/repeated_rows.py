"""Rows of one file that have the same identity and disagree: one stands, the others go back."""

from __future__ import annotations

import duckdb

from safer_streets_assets.intake.fields import fields_sql
from safer_streets_assets.intake.list_words import define_words_of
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

REPEATED = "R-TWICE"


def set_aside_repeated(
    connection: duckdb.DuckDBPyConnection, source: Source, policy: Policy, name: str
) -> None:
    """Adds to the problems staged under a name the rows that do not stand, with the fields that
    differ. Of good rows with one identity the policy says which stands; rows that say the same as
    it, however they spell it, collapse later and are no problem."""
    fields = fields_sql(source, policy)
    keys = {field.name: field.key for field in fields}
    identity = ", ".join(keys[key] for key in source.identity)
    bad = one_number(connection, f"SELECT count(*) FROM {name}_problems")
    good = f"{name}_rows" + (f" ANTI JOIN {name}_problems USING (row_number)" if bad else "")
    # As many hashes as rows: no identity stands twice.
    hashes = f"SELECT count(*) - count(DISTINCT hash({identity})) FROM {good}"
    if not one_number(connection, hashes):
        return
    define_words_of(connection, policy, source, f"{name}_rows")
    said = {field.name: field.said for field in fields_sql(source, policy, words=True)}
    values = {key: keys[key] if key in source.identity else said[key] for key in keys}
    others = [key for key in values if key not in source.identity]
    differing = ", ".join(
        f"CASE WHEN typed.{quoted_name(key)} IS DISTINCT FROM stands.{quoted_name(key)} "
        f"THEN struct_pack(field := {quoted_text(key)}::VARCHAR, reason := '{REPEATED}') END"
        for key in others
    )
    last = policy.dpia.intake.stands_of_one_file == "last"
    connection.execute(
        read_sql("intake", "repeated").format(
            name=name,
            good=good,
            identity=", ".join(quoted_name(key) for key in source.identity),
            typed=", ".join(f"{value} AS {quoted_name(key)}" for key, value in values.items()),
            differing=differing,
            order="DESC" if last else "ASC",
            reason=quoted_text(REPEATED),
        )
    )
