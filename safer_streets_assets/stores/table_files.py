"""Tables that a reviewed `.sql` file makes, as the file declares them: name, columns, comments.

The comment above a table says what it holds, that behind a column what the column means. So a table
of this kind is described where it is made, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import cast

from safer_streets_assets.stores.database import StoreName
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable

_TABLE = re.compile(
    r"(?P<said>(?:^--[^\n]*\n)*)^CREATE TABLE IF NOT EXISTS (?P<store>\w+)\.(?P<name>\w+) \(\n"
    r"(?P<body>.*?)^\);$",
    re.MULTILINE | re.DOTALL,
)
_COLUMN = re.compile(
    r"^ +(?P<name>[a-z]\w*) +(?P<type>[A-Z]+(?:\(.*\))?(?:\[\])?)[^-\n]*(?:-- *(?P<said>.*))?$"
)


@cache
def declared_tables(package: str, name: str) -> tuple[StoredTable, ...]:
    """The tables that `sql/<name>.sql` of a sub-package makes, in the order of the file. Whose rows
    they hold is for the stage to say."""
    text = read_sql(package, name)
    return tuple(
        StoredTable(
            cast(StoreName, found["store"]),
            found["name"],
            _sentence(found["said"]),
            dict(_columns(found["body"])),
        )
        for found in _TABLE.finditer(text)
    )


def _columns(body: str) -> Iterator[tuple[str, ColumnDoc]]:
    for line in body.splitlines():
        if found := _COLUMN.match(line):
            yield found["name"], ColumnDoc(found["type"], (found["said"] or "").strip())


def _sentence(comment: str) -> str:
    """The lines of a comment as one text."""
    return " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
