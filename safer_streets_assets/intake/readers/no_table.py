"""What a text is that is no table: JSON, an e-mail or prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_JSON = re.compile(r'\s*(?:\{\s*(?:"[^"\n]*"\s*:|\})|\[\s*(?:[{\[\]]|"[^"\n]*"\s*[,\]]))')
"""The beginning of an object, of a list of objects or lists, or of a list of texts, as one file or
line by line; whether it is whole does not matter."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z-]{1,40}):[ \t]*(.*)\r?\n(?:[ \t]+\S.*\r?\n)*")
_LETTER = re.compile(r"[^\W\d_]")
_SENDER = {"from", "sent", "to"}
_LEAST_ROWS = 0.5
"""More than this part of the rows of a table have equally many cells."""


def named_text(start: str) -> str | None:
    """What a text is by its beginning, "JSON" or "an e-mail" (its fields, with a subject and who
    wrote it to whom); None when it may be a table."""
    start = start.lstrip()
    if _JSON.match(start):
        return "JSON"
    fields: dict[str, str] = {}
    place = 0
    while found := _FIELD.match(start, place):
        fields[found.group(1).lower()] = found.group(2)
        place = found.end()
    # Titles may say from when to when a table is.
    from_somebody = any(_LETTER.search(fields.get(name, "")) for name in _SENDER)
    return "an e-mail" if "subject" in fields and from_somebody else None


def reaches(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether there are no rows with anything in them, or one has a cell at that place (from 0) or
    beyond, as rows below a header have, and lines of a letter seldom."""
    widths = [len(row) for row in rows if any(map(str.strip, row))]
    return not widths or max(widths) > place


def is_prose(rows_by_delimiter: Sequence[Sequence[Sequence[str]]]) -> bool:
    """Whether under no delimiter the rows look like those of a table: most of them with equally
    many cells, and more than one."""
    for rows in rows_by_delimiter:
        widths = Counter(len(row) for row in rows if row)
        several = [number for width, number in widths.items() if width > 1]
        if several and max(several) > _LEAST_ROWS * widths.total():
            return False
    return True
