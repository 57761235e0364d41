"""Where large drops lie while they are judged: encrypted files whose keys are in memory only."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from safer_streets_assets.intake.readers import BulkStore
from safer_streets_assets.stores import DataFolder

_KEY_BYTES = 32


@contextmanager
def bulk_stores(folder: DataFolder) -> Iterator[Callable[[], BulkStore]]:
    """A function that gives a new bulk store each time; none is left when the block ends.

    What a killed run left behind is removed first: nobody has its key.
    """
    place = folder.restricted / "reading"
    place.mkdir(mode=0o700, exist_ok=True)
    _empty(place)
    given = 0

    def new_store() -> BulkStore:
        nonlocal given
        given += 1
        return BulkStore(place / f"{given}.duckdb", secrets.token_hex(_KEY_BYTES))

    try:
        yield new_store
    finally:
        _empty(place)


def _empty(place: Path) -> None:
    for path in place.iterdir():
        path.unlink()
