"""What a text is that is no table: JSON, an e-mail, the text of a program or prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, islice

from safer_streets_assets.intake.readers.headers import HEADER_ROWS

_JSON = re.compile(r'\s*(?:\{\s*(?:"[^"\n]*"\s*:|\})|\[\s*(?:[{\[\]]|"[^"\n]*"\s*[,\]]))')
"""The beginning of an object, of a list of objects or lists, or of a list of texts, as one file or
line by line; whether it is whole does not matter."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z-]{1,40}):[ \t]*(.*)\r?\n(?:[ \t]+\S.*\r?\n)*")
_FORWARDED = re.compile(
    r"\s*-{2,}\s*(?:original message|forwarded (?:message|by))|\s*begin forwarded message:",
    re.IGNORECASE,
)
_OPEN, _CLOSED = "[({", "])}"
_LETTER = re.compile(r"[^\W\d_]")
_SENDER = {"from", "sent"}
_OF_EMAILS_ALONE = frozenset(
    {"sent", "cc", "bcc", "importance", "attachments", "reply-to", "in-reply-to", "message-id"}
    | {"mime-version", "content-type", "return-path"}
)
"""Fields that few titles have."""
_OF_SOURCES = frozenset({"message-id", "mime-version", "content-type", "return-path"})
"""Fields of an e-mail that was saved as it was sent: its text is encoded, and a table in it too."""
_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_MESSAGE = re.compile(
    r"\W*(?:dear|hi|hello|good (?:morning|afternoon|evening)|please (?:find|see)|"
    r"see (?:below|attached)|as (?:requested|discussed)|(?:kind|best|warm) (?:regards|wishes)|"
    r"regards|(?:many )?thanks|thank you|cheers|yours|sincerely)(?![\w-])",
    re.IGNORECASE,
)
"""How lines of a message begin."""
_LEAST_ROWS = 0.5
"""More than this part of the rows of a table have equally many cells."""
_LEAST_CELLS = 4
"""Fewer cells below a header, in rows as long as it is, may be words with commas between them."""


def is_json(start: str) -> bool:
    """Whether a text is JSON by its beginning."""
    return _JSON.match(start) is not None


def begins_as_message(start: str, *, surely: bool) -> bool:
    """Whether a text begins with a subject and who wrote it, as an e-mail does, and a table may;
    `surely` with what few tables have in their titles."""
    return _is_head(_fields_of(start.lstrip()), surely=surely)


def text_around_header(
    above: Sequence[Sequence[str]], header: Sequence[str], below: Sequence[Sequence[str]]
) -> str | None:
    """What a text is in which a line happens to be a header, by the lines above it and all below:
    "an e-mail", "the text of a program" or "prose"; None when it may be a table."""
    lines = [",".join(row) for row in above]
    fields: dict[str, str] = {}
    for line in lines:
        if _FORWARDED.match(line):
            return "an e-mail"
        if found := _FIELD.match(line + "\n"):
            fields[found.group(1).lower()] = found.group(2)
    may_be_message = _is_head(fields, surely=True) or (
        _is_head(fields, surely=False) and _holds_message(lines, header, below)
    )
    if may_be_message and not (_OF_SOURCES.isdisjoint(fields) and is_mostly_table(header, below)):
        return "an e-mail"
    cells = [cell.strip() for cell in header if cell.strip()]
    if _opens(cells[0]) and _closes(cells[-1]):
        return "the text of a program"
    rows = [row for row in islice(below, HEADER_ROWS) if any(map(str.strip, row))]
    blanks = all(cell[:1] == " " for cell in header[1:])
    if blanks and not any(map(any, above)) and all(len(row) == len(header) for row in rows):
        # Whoever writes a blank after each comma does so in the header too, on top.
        return None
    sentences = sum(map(_is_sentence, rows))
    return "prose" if 2 * sentences > len(rows) else None


def is_mostly_table(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether most of the text below a header is in rows as long as it is: a table goes on with
    rows, whatever its titles say, and an e-mail in which a line happens to be a header with words.
    """
    rows = [row for row in below if _is_whole(row, header) and not _is_sentence(row)]
    cells = sum(map(_filled_in, rows))
    return cells >= _LEAST_CELLS and 2 * _letters_in(rows) > _letters_in(below)


def _is_whole(row: Sequence[str], header: Sequence[str]) -> bool:
    return len(row) == len(header) and _filled_in(row) > 1


def _filled_in(row: Sequence[str]) -> int:
    return sum(cell.strip() != "" for cell in row)


def _letters_in(rows: Sequence[Sequence[str]]) -> int:
    return sum(len(cell.strip()) for row in rows for cell in row)


def _fields_of(start: str) -> dict[str, str]:
    """The fields with which a text begins, by their names in lower case."""
    fields: dict[str, str] = {}
    place = 0
    while found := _FIELD.match(start, place):
        fields[found.group(1).lower()] = found.group(2)
        place = found.end()
    return fields


def _is_head(fields: Mapping[str, str], *, surely: bool) -> bool:
    """Whether fields are those of an e-mail; titles may say from when to when a table is, or
    whom it is from and what about, without an address and a time of day."""
    if "subject" not in fields or not any(_LETTER.search(fields.get(n, "")) for n in _SENDER):
        return False
    return not surely or (
        not fields["subject"].strip()
        or not _OF_EMAILS_ALONE.isdisjoint(fields)
        or any("@" in text for text in fields.values())
        or _TIME.search(fields.get("date", "")) is not None
    )


def _holds_message(
    above: Sequence[str], header: Sequence[str], below: Sequence[Sequence[str]]
) -> bool:
    """Whether a line above a header, or one below it that is no whole row, is one of a message."""
    short = (",".join(row) for row in below if not _is_whole(row, header))
    return any(_MESSAGE.match(line) for line in chain(above, short))


def _opens(cell: str) -> bool:
    return cell[0] in _OPEN and _CLOSED[_OPEN.index(cell[0])] not in cell


def _closes(cell: str) -> bool:
    end = cell.rstrip(",;")[-1:]
    return end != "" and end in _CLOSED and _OPEN[_CLOSED.index(end)] not in cell


def _is_sentence(row: Sequence[str]) -> bool:
    """Whether a row is a line of words with commas: a blank after each, and words, no reference,
    before the first."""
    first, *others = row
    later = [cell for cell in others if cell.strip()]
    return (
        bool(later)
        and all(cell[0] in " \xa0" for cell in later)
        and len(first.split()) > 1
        and not any(letter.isdigit() for letter in first)
    )


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
