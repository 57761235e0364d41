"""Pictures and documents of the same content, written once: that is most of what a release costs.

For tests whose subject is how releases stand and who may see them. What is in the files, and that
the same content makes the same bytes, is looked at by tests without this fixture.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import resvg_py

from safer_streets_assets.release.briefing import docx, slides

_written: dict[bytes, bytes] = {}


@pytest.fixture
def written_once() -> Iterator[None]:
    """In the test, what was drawn or written from the same content is given again."""
    with writing_once():
        yield


@contextmanager
def writing_once() -> Iterator[None]:
    """The same within a block: for what several tests share."""
    with pytest.MonkeyPatch.context() as patched:
        for module, name in (
            (resvg_py, "svg_to_bytes"),
            (docx, "docx_bytes"),
            (slides, "slides_bytes"),
        ):
            patched.setattr(module, name, _remembered(name, getattr(module, name)))
        yield


def _remembered(name: str, write: Callable[..., bytes]) -> Callable[..., bytes]:
    def written(*content: Any, **options: Any) -> bytes:
        key = pickle.dumps((name, content, options))
        if key not in _written:
            _written[key] = bytes(write(*content, **options))
        return _written[key]

    return written
