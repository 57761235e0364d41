"""How a release names the drops it rests on: by a keyed hash of each one's id.

The id of a drop is the hash of its file. Who knows what a file of one row looks like could guess
its text, and see from the id whether the guess is right; without the key they cannot. The key is
that of the pseudonyms: it is destroyed with the personal data, and then nobody can.
"""

from __future__ import annotations

import duckdb

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.intake.ledger_counts import loaded_drop_ids
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.keys import keyed_digest


def drop_references(folder: DataFolder, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What a release calls the loaded drops, in order; the registers are attached.

    Raises:
        KeyMissingError: the key of the pseudonyms cannot be read.
    """
    return sorted(_reference(folder, drop_id) for drop_id in loaded_drop_ids(connection))


def drop_called(folder: DataFolder, connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """The id of the drop that releases call so; None when none is, or the key is gone."""
    if not Keys(folder.keys).exists(PSEUDONYM_KEY):
        return None
    drops = connection.execute("SELECT drop_id FROM registers.drops").fetchall()
    called = {_reference(folder, drop_id): str(drop_id) for (drop_id,) in drops}
    return called.get(text.strip().lower())


def _reference(folder: DataFolder, drop_id: str) -> str:
    return keyed_digest(Keys(folder.keys).read(PSEUDONYM_KEY), f"drop {drop_id}")
