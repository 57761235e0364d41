"""The stores as a Dagster resource: dagster-duckdb's, made to hold keys and to close what it opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dagster_duckdb import DuckDBResource

from safer_streets_assets.stores.database import StoreName, open_stores
from safer_streets_assets.stores.folder import DataFolder


class StoresResource(DuckDBResource):
    """Opens the restricted, research and registers stores of one data folder.

    `database` is in memory: the stores are attached to it under their keys. An empty
    `data_folder` means `SAFER_STREETS_DATA`, or `./data`.
    """

    database: str = ":memory:"
    data_folder: str = ""

    @property
    def folder(self) -> DataFolder:
        """The data folder."""
        return DataFolder.locate(self.data_folder or None)

    @contextmanager
    def get_connection(  # type: ignore[override]
        self,
        *,
        write: Sequence[StoreName] = (),
        read: Sequence[StoreName] = (),
        extra_folders: Sequence[Path] = (),
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the named stores attached; see `open_stores`."""
        with open_stores(
            self.folder, write=write, read=read, extra_folders=extra_folders
        ) as connection:
            yield connection
