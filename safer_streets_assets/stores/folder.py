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
        self.root.mkdir(parents=True, exist_ok=True)
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
