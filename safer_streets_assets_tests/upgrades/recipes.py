"""Data folders that earlier versions made, kept as recipes: the folder as it was, with each store
as its tables. Every person in them is invented.

    python -m safer_streets_assets_tests.upgrades.recipes DATA [NAME]

keeps a data folder that the program of this checkout made, under the layout of its stores; one that
another version made under the name of the version. Of a release only the tables are kept, and
`SHA256SUMS` says so; Dagster's history is left out.

The folder of 0.1.0 was made by its code (commit 58d2afc4): `demo-drops --people 10 --months 2`,
`run`, and after the first quarantined drop on the register was dated 40 days back, `retention
--enforce`.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import duckdb

from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys
from safer_streets_assets.stores.database import ENCRYPTED, StoreName, connect_with_encryption
from safer_streets_assets.stores.files import close_to_others
from safer_streets_assets.stores.layout import layout_of
from safer_streets_assets.stores.sql_files import quoted_text

KEPT_HERE = Path(__file__).parent
NAME = "folder_of_{}.tar.xz"
HERE = "@HERE@"
TABLES_ALONE = ("csv/", "release.json", "CHANGELOG.md", "datapackage.json")


def recipes() -> list[str]:
    """The versions and layouts of which a folder is kept, by name."""
    before, after = NAME.split("{}")
    kept = KEPT_HERE.glob(NAME.format("*"))
    return sorted(path.name.removeprefix(before).removesuffix(after) for path in kept)


def restore(name: str, root: Path) -> DataFolder:
    """Makes a kept data folder anew."""
    with tarfile.open(KEPT_HERE / NAME.format(name)) as kept:
        kept.extractall(root, filter="data")
    for name in ("keys", "registers", "research", "restricted"):
        (root / name).chmod(0o700)
        close_to_others(root / name)
    folder = DataFolder(root, root / "keys")
    for store in STORE_NAMES:
        tables = folder.database(store).with_suffix(".tables")
        load = tables / "load.sql"
        load.write_text(load.read_text().replace(HERE, str(tables)))
        with _attached(folder, store) as connection:
            connection.execute(f"IMPORT DATABASE {quoted_text(str(tables))}")
        shutil.rmtree(tables)
    return folder


def keep(folder: DataFolder, name: str | None = None) -> Path:
    """Writes the recipe of a data folder beside this module, without a name that of its layout."""
    with tempfile.TemporaryDirectory() as place:
        copy = DataFolder(Path(place) / "data", Path(place) / "data" / "keys")
        shutil.copytree(
            folder.root, copy.root, ignore=shutil.ignore_patterns("dagster", "*.copy.*")
        )
        for store in STORE_NAMES:
            tables = copy.database(store).with_suffix(".tables")
            with _attached(copy, store) as connection:
                layout = layout_of(connection, store)
                connection.execute(
                    f"EXPORT DATABASE {quoted_text(str(tables))} (FORMAT parquet, COMPRESSION zstd)"
                )
            load = tables / "load.sql"
            load.write_text(load.read_text().replace(str(tables), HERE))
            copy.database(store).unlink()
        for release in copy.releases.iterdir():
            _keep_tables_alone(release)
        copy.database("published").unlink(missing_ok=True)
        kept = KEPT_HERE / NAME.format(name or f"layout_{layout}")
        with tarfile.open(kept, "w:xz") as writing:
            for path in sorted(copy.root.iterdir()):
                writing.add(path, path.name)
    return kept


def _keep_tables_alone(release: Path) -> None:
    sums = release / "SHA256SUMS"
    lines = [
        line
        for line in sums.read_text().splitlines()
        if line.split("  ", 1)[1].startswith(TABLES_ALONE)
    ]
    sums.write_text("".join(f"{line}\n" for line in lines))
    named = {line.split("  ", 1)[1] for line in lines}
    for path in [path for path in release.rglob("*") if path.is_file()]:
        if path != sums and str(path.relative_to(release)) not in named:
            path.unlink()


def _attached(folder: DataFolder, store: StoreName) -> duckdb.DuckDBPyConnection:
    """A connection to a store, made when it is not there, under its own name: its tables say it."""
    connection = connect_with_encryption()
    key = [Keys(folder.keys).read(store)] if store in ENCRYPTED else []
    options = " (ENCRYPTION_KEY ?)" if key else ""
    path = quoted_text(str(folder.database(store)))
    connection.execute(f"ATTACH {path} AS {store}{options}", key)
    connection.execute(f"USE {store}")
    return connection


if __name__ == "__main__":
    given = Path(sys.argv[1]).absolute()
    written = keep(DataFolder(given, given / "keys"), *sys.argv[2:3])
    sys.stdout.write(f"{written}\n")
