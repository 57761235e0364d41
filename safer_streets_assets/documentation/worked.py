"""Pages with worked examples: each block of Python is run, and what it prints is put below it."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)


def with_output(page: str) -> str:
    """The page with the output of each block of Python, as `text`, right below it.

    The blocks are run in their order and share their names. An error of a block is not caught: a
    page whose code does not work is not written.
    """
    names: dict[str, Any] = {}
    return BLOCK.sub(lambda found: _with_output(found["code"], names), page)


def _with_output(code: str, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "<page>", "exec"), names)  # noqa: S102 (our own page)
    lines = "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())
    return f"```python\n{code}```\n" + (f"\n```text\n{lines}```\n" if lines else "")
