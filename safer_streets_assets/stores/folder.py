"""Where everything lies under the data folder, and with which file modes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.files import sync_folder

DATA_VARIABLE = "SAFER_STREETS_DATA"
KEYS_VARIABLE = "SAFER_STREETS_KEYS"
OWNER_ONLY = 0o700
READABLE = 0o755
_PARTS = ("landing", "restricted", "research", "registers", "published", "dagster", "keys")
TOP_FILES = ("README.md", ".gitignore", ".run.lock", ".ui.lock")
"""Files that may lie at the top of a data folder, in use or not."""


class FolderError(SaferStreetsError):
    """A folder is not as it must be."""


@dataclass(frozen=True)
class DataFolder:
    """The data folder and the places in it; keys may lie on another volume."""

    root: Path
    keys: Path

    @classmethod
    def locate(cls, root: Path | str | None = None) -> DataFolder:
        """The data folder: the argument, else `SAFER_STREETS_DATA`, else `./data`.

        The keys lie in `SAFER_STREETS_KEYS` when it is set, else in `keys` of the data folder.
        """
        base = Path(root or os.environ.get(DATA_VARIABLE) or "data").absolute()
        keys = os.environ.get(KEYS_VARIABLE)
        return cls(root=base, keys=Path(keys).absolute() if keys else base / "keys")

    @property
    def landing(self) -> Path:
        """Drops as they arrive, one folder a source."""
        return self.root / "landing"

    @property
    def restricted(self) -> Path:
        """The restricted store: personal data."""
        return self.root / "restricted"

    @property
    def quarantine(self) -> Path:
        """Drops that were quarantined or refused, each sealed under its own key."""
        return self.restricted / "quarantine"

    @property
    def returns(self) -> Path:
        """Workbooks of rows set aside that wait for a correction, sealed, one a source."""
        return self.restricted / "returns"

    @property
    def research(self) -> Path:
        """The research store: pseudonymised rows."""
        return self.root / "research"

    @property
    def registers(self) -> Path:
        """The registers: no personal data."""
        return self.root / "registers"

    @property
    def published(self) -> Path:
        """Protected aggregates and releases."""
        return self.root / "published"

    @property
    def releases(self) -> Path:
        """One folder a release."""
        return self.published / "releases"

    @property
    def bundles(self) -> Path:
        """Bundles of everything held on a person, one folder a request, until they are sent."""
        return self.root / "subject_access"

    @property
    def dagster(self) -> Path:
        """Dagster's run and event history."""
        return self.root / "dagster"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a run is going on."""
        return self.root / ".run.lock"

    def database(self, store: str) -> Path:
        """The DuckDB file of a store."""
        return self.root / store / f"{store}.duckdb"

    @property
    def ui_lock(self) -> Path:
        """The file whose lock says that Dagster's pages are open."""
        return self.root / ".ui.lock"

    @property
    def is_one(self) -> bool:
        """Whether it is a data folder: made as one, or restored."""
        return all(place.is_dir() for place in (self.restricted, self.research, self.registers))

    def required(self) -> DataFolder:
        """The folder itself when it is a data folder with its keys; nothing is made.

        Raises:
            FolderError: it is none, or the folder of the keys is not there.
        """
        if not self.is_one:
            raise FolderError(
                f"{self.root} is no data folder: give the right one with --data or in "
                f"{DATA_VARIABLE}, or make it one with safer-streets init."
            )
        if not self.keys.is_relative_to(self.root) and not self.keys.is_dir():
            raise FolderError(
                f"The folder of the keys, {self.keys}, is not there: see that its volume is, and "
                f"put the right folder into {KEYS_VARIABLE}."
            )
        return self

    def make(self) -> DataFolder:
        """Makes it a data folder, unless it is one; returns the folder itself.

        Raises:
            FolderError: something else lies in it, or the folder cannot be written.
        """
        if self.is_one:
            return self.required()
        try:
            if self.root.exists() and {*os.listdir(self.root)} - {*TOP_FILES, *_PARTS}:
                raise FolderError(
                    f"Something else lies in {self.root}: give a folder that is empty or not there "
                    "yet."
                )
            return self.prepare()
        except OSError:
            raise FolderError(
                f"{self.root} cannot be made a data folder: give a place that the user of the "
                "pipeline may write to."
            ) from None

    def prepare(self) -> DataFolder:
        """Makes the folders that are missing and sets their modes; returns the folder itself.

        Raises:
            FolderError: the keys folder is there and open to others.
        """
        private = (
            self.landing,
            self.restricted,
            self.quarantine,
            self.research,
            self.registers,
            self.dagster,
            self.keys,
        )
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(READABLE)
        if self.keys.is_dir() and stat.S_IMODE(self.keys.stat().st_mode) & ~OWNER_ONLY:
            raise FolderError(
                "The keys folder is open to others; run chmod 700 on it, and if somebody may have "
                "read the keys run safer-streets keys rotate."
            )
        for folder in private:
            _make(folder, OWNER_ONLY)
            folder.chmod(OWNER_ONLY)
        for folder in (self.published, self.releases):
            _make(folder, READABLE)
        return self


def _make(folder: Path, mode: int) -> None:
    """Makes a folder that is missing, durably."""
    if not folder.is_dir():
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        sync_folder(folder.parent)
