"""What a run made, without what differs from one run to the next: times and marks of places."""

from __future__ import annotations

from typing import Any

from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets_tests.builders import digests_under
from safer_streets_assets_tests.e2e.runs import query

OF_THE_MOMENT = {
    "arrived_at", "decided_at", "made_at", "happened_at", "seen_at", "recorded_at", "send_id",
}  # fmt: skip


NUMBER_THAT_WOULD_FOLLOW = ('"research"."protected"."structure"', "number")
"""The number of the release that the protected tables would make: one more once it is published."""
HASHES_OF_TIMES = {
    ('"registers"."main"."release_steps"', name) for name in ("hash", "previous_hash")
}
"""What is made of the times of what became of releases."""


def content_of(folder: DataFolder) -> dict[str, list[str]]:
    """Every table of the stores without times and marks of places, as sorted text."""
    content = {}
    with open_stores(folder, read=STORE_NAMES) as connection:
        tables = connection.execute(
            "SELECT database_name, schema_name, table_name FROM duckdb_tables() "
            "WHERE database_name <> 'memory' ORDER BY ALL"
        ).fetchall()
        for parts in tables:
            name = ".".join(f'"{part}"' for part in parts)
            found = connection.execute(f"SELECT * FROM {name}")
            columns = [(name, column[0]) for column in found.description]
            kept = [
                n
                for n, place in enumerate(columns)
                if place[1] not in OF_THE_MOMENT
                and place not in {NUMBER_THAT_WOULD_FOLLOW, *HASHES_OF_TIMES}
            ]
            rows = found.fetchall()
            content[name] = sorted(str([row[n] for n in kept]) for row in rows)
    # Once the release is on the register, a run protects the tables of the one that would follow.
    for name in (
        '"research"."protected"."suppression_summary"',
        # It counts the files and bytes that are held, of Dagster's history too.
        '"registers"."main"."retention_register"',
        '"restricted"."main"."release_secrets"',
    ):
        del content[name]
    return content


def order_of(folder: DataFolder) -> list[tuple[Any, ...]]:
    """The drops of each source in the order in which later ones correct earlier ones."""
    return query(
        folder,
        "SELECT source, drop_id FROM restricted.loaded_drops "
        "JOIN restricted.drop_order USING (drop_id) ORDER BY source, drop_order",
    )


def releases_of(folder: DataFolder) -> dict[str, str]:
    """The data files of every release, and a digest of each."""
    return {
        name: digest
        for name, digest in digests_under(folder.releases).items()
        if name.endswith((".csv", ".parquet"))
    }
