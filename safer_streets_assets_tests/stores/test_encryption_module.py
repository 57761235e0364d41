"""The encryption module is trusted once a process, and only as long as it is the same file."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.stores import StoreError, database
from safer_streets_assets.stores.database import connect_with_encryption, extension_file


def test_a_later_connection_encrypts_and_loads_nothing_unsigned(tmp_path: Path) -> None:
    connect_with_encryption().close()
    connection = connect_with_encryption()
    try:
        (allowed,) = connection.execute(
            "SELECT current_setting('allow_unsigned_extensions')"
        ).fetchall()
        assert allowed == (False,)
        with pytest.raises(duckdb.Error):
            connection.execute("SET allow_unsigned_extensions = true")
        place = tmp_path / "s.duckdb"
        connection.execute(f"ATTACH '{place}' AS s (ENCRYPTION_KEY '{'0' * 64}')")
        connection.execute("CREATE TABLE s.t AS SELECT 'Quillfeather' AS name")
        connection.execute("DETACH s")
    finally:
        connection.close()
    assert b"Quillfeather" not in place.read_bytes()


def test_a_module_that_was_changed_after_it_was_checked_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / extension_file().name
    shutil.copyfile(extension_file(), copy)
    monkeypatch.setattr(database, "extension_file", lambda: copy)
    monkeypatch.setattr(database, "_checked_modules", {database._identity(copy)})
    with copy.open("r+b") as stream:
        stream.seek(1 << 20)
        stream.write(b"\0" * 64)
    with pytest.raises(StoreError, match="does not load"):
        connect_with_encryption()
