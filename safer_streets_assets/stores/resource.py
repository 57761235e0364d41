"""The stores as a Dagster resource: dagster-duckdb's, with keys, a lock, and always closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import PrivateAttr

from safer_streets_assets.stores.database import StoreName, open_stores
from safer_streets_assets.stores.evaluation import claim
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.using import using


class StoresResource(DuckDBResource):
    """Opens the restricted, research and registers stores of one data folder.

    `database` is in memory: the stores are attached to it under their keys. An empty
    `data_folder` means `SAFER_STREETS_DATA`, or `./data`. While a run goes on the resource holds
    the lock of the data folder; a second run waits `wait_seconds` and then fails with a sentence.
    A folder that is no data folder is refused. All of it is said here: a run's config can change
    nothing, so nobody starts a run on another folder.
    """

    database: str = ":memory:"
    data_folder: str = ""
    wait_seconds: float = 0.0

    _held: ExitStack = PrivateAttr(default_factory=ExitStack)
    _tags: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def folder(self) -> DataFolder:
        """The data folder."""
        return DataFolder.locate(self.data_folder or None)

    @property
    def run_tags(self) -> dict[str, str]:
        """The tags of the run that goes on: who started it, for one."""
        return self._tags

    def get_resource_definition(self) -> Any:
        """What Dagster takes the resource for: one without config."""
        usual = super().get_resource_definition()
        return dg.ResourceDefinition(
            resource_fn=usual.resource_fn, config_schema={}, description=usual.description
        )

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Takes the lock of the data folder for as long as the run goes on."""
        self._tags = {} if context.run is None else dict(context.run.tags)
        self._held = ExitStack()
        # Of what is less than a warning Dagster's log keeps nothing (`dagster.yaml`).
        say = context.log.warning if context.log is not None else _say_nothing
        name = "a run" if context.run is None else f"a run of {context.run.job_name}"
        self._held.enter_context(
            using(self.folder.required(), f"{name} (Dagster)", self.wait_seconds, say)
        )
        claim(self.folder)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Lets the lock go."""
        self._held.close()

    @contextmanager
    def get_connection(
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


def _say_nothing(sentence: str) -> None:
    """Where a resource is used without Dagster's log."""
