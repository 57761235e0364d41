"""The work that `benchmarks.erasing` measures, one piece in a process, on a copy of the data."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks.measuring import report
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.raw_tables import raw_columns
from safer_streets_assets.intake.take_in import prepare_intake, register_landing
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention import enforce
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores
from safer_streets_assets.stores.database import extension_file
from safer_streets_assets.stores.instances import memory_limit
from safer_streets_assets.stores.preflight import preflight

_SOURCE = "nps_court_outcomes"
_DECIDED, _DUE, _NOW = datetime(2020, 1, 1), date(2021, 1, 1), datetime(2021, 1, 1, 3)
_BLOCK = 1 << 20
_PASSES = 3


def main() -> None:
    """Measures one piece of work and prints what it took."""
    what, root = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=Path(root).parent) as place:
        copy = Path(place) / "data"
        shutil.copytree(root, copy)
        folder = DataFolder(copy, copy / "keys")
        os.sync()
        if what == "enforce":
            policy = load_policy()
            report(lambda: _enforce(folder, policy))
        else:
            report(lambda: _bare(folder))


def build(root: Path, people: int) -> DataFolder:
    """A data folder with a row a person in the restricted store, and one refused drop to erase."""
    policy = load_policy()
    intake = policy.dpia.intake.model_copy(update={"settle_seconds": 0.0})
    policy = replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))
    folder = DataFolder(root, root / "keys").prepare()
    preflight(folder)
    (folder.landing / "nobody").mkdir()
    (folder.landing / "nobody" / "refused.csv").write_bytes(b"CRN\nA000000\n" * 1000)
    look_at_landing(folder)
    with open_stores(folder, write=STORE_NAMES) as connection:
        prepare_intake(connection, policy)
        register_landing(connection, folder, policy)
        connection.execute("UPDATE registers.drops SET decided_at = ?", [_DECIDED])
        connection.execute(
            f"INSERT INTO restricted.{_SOURCE}_raw BY NAME SELECT 'd' AS drop_id, "
            f"n AS row_number, {_made_up(policy)} FROM range({people}) AS t(n)"
        )
        connection.execute(
            "CREATE TABLE restricted.person_pseudonyms AS SELECT crn_key, "
            f"sha256(crn_key) AS person_id FROM restricted.{_SOURCE}_raw"
        )
    return folder


def _made_up(policy: Policy) -> str:
    crn = "chr((65 + n // 1000000)::INTEGER) || lpad((n % 1000000)::VARCHAR, 6, '0')"
    named = {
        "crn": crn,
        "crn_key": crn,
        "offender_name": "'FENWICK, Darnell ' || n",
        "date_of_birth": "strftime(DATE '1970-01-01' + (n % 10000)::INTEGER, '%d/%m/%Y')",
        "disposal_date": "strftime(DATE '2020-01-01' + (n % 300)::INTEGER, '%d/%m/%Y')",
    }
    columns = raw_columns(policy.sources[_SOURCE])
    return ", ".join(f"{named.get(c, _of_few(c))} AS {c}" for c in columns)


def _of_few(column: str) -> str:
    return f"'{column} ' || n % 40"


def _enforce(folder: DataFolder, policy: Policy) -> None:
    """The refused drop is due: its line, key and file go, and the store is rebuilt without it."""
    written = enforce(folder, policy, _DUE, _NOW)
    if len(written) != 1:
        raise RuntimeError("not one certificate")


def _bare(folder: DataFolder) -> None:
    """The copy into another encrypted file, and what erasing overwrites overwritten alike: the
    store, its key, the sealed drop and its key, each three times with a sync.
    """
    store = folder.database("restricted")
    again = store.with_name("again.duckdb")
    connection = duckdb.connect(":memory:")
    connection.execute("SET memory_limit = ?", [memory_limit()])
    connection.execute(f"LOAD '{extension_file()}'")
    key = Keys(folder.keys).read("restricted")
    connection.execute(f"ATTACH '{store}' AS was (ENCRYPTION_KEY '{key}')")
    connection.execute(f"ATTACH '{again}' AS becomes (ENCRYPTION_KEY '{secrets.token_hex(32)}')")
    connection.execute("COPY FROM DATABASE was TO becomes")
    connection.close()
    drops = [*folder.quarantine.glob("*.sealed"), *folder.keys.glob("drop-*.key")]
    for path in [store, folder.keys / "restricted.key", *drops]:
        _overwrite(path)


def _overwrite(path: Path) -> None:
    """With the same generator as the product's, which is several times faster than the system's:
    the ratio then says what erasing does besides.
    """
    size = path.stat().st_size
    with path.open("r+b", buffering=0) as stream:
        for _ in range(_PASSES):
            noise = Cipher(algorithms.AES(secrets.token_bytes(32)), modes.CTR(bytes(16)))
            encryptor = noise.encryptor()
            stream.seek(0)
            for start in range(0, size, _BLOCK):
                stream.write(encryptor.update(bytes(min(_BLOCK, size - start))))
            os.fsync(stream.fileno())
    path.unlink()


if __name__ == "__main__":
    main()
