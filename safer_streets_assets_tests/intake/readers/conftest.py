"""One reader for a test session, and a short way to put bytes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.intake.readers import DropReader, ReadDrop, UnreadableDrop
from safer_streets_assets_tests.intake.readers.builders import request_for

Read = Callable[..., ReadDrop]
CodeOf = Callable[..., str]


@pytest.fixture(scope="session")
def reader() -> Iterator[DropReader]:
    with DropReader() as shared:
        yield shared


@pytest.fixture
def read(reader: DropReader, tmp_path: Path) -> Read:
    """Read these bytes; the file has a name and an extension that say nothing true."""

    def read_bytes(data: bytes, **changes: Any) -> ReadDrop:
        path = tmp_path / "drop.jpg"
        path.write_bytes(data)
        return reader.read(request_for(path, **changes))

    return read_bytes


@pytest.fixture
def code_of(read: Read) -> CodeOf:
    """The code with which these bytes are refused."""

    def refused(data: bytes, **changes: Any) -> str:
        with pytest.raises(UnreadableDrop) as refusal:
            read(data, **changes)
        return refusal.value.code

    return refused
