"""SPSS files (.sav, .zsav): the wanted variables, with declared user-missing codes kept."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence

from safer_streets_assets.intake.readers.headers import find_header, settle_places
from safer_streets_assets.intake.readers.headings import dropped_column
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import Table, as_text, check_cells, finish

_SECOND = re.compile(r"_duplicated\d+$")


def read_survey(data: bytes, request: ReadRequest) -> Table:
    """The wanted variables of an SPSS file; the parser is asked for no other.

    Raises UnreadableDrop: F-BROKEN, F-TOO-LARGE, F-LONG-CELL and what `settle_places` and
    `finish` raise.
    """
    # The import takes half a second, so only a survey file pays for it.
    import pyreadstat  # noqa: PLC0415

    try:
        warnings.simplefilter("ignore")
        _, about = pyreadstat.read_sav(io.BytesIO(data), metadataonly=True, output_format="dict")
        names = list(about.column_names)
        too_many = (about.number_rows or 0) > request.limits.max_rows
        if too_many or len(names) > request.limits.max_columns:
            raise UnreadableDrop("F-TOO-LARGE")
        sent = [_as_sent(name, names) for name in names]
        places = settle_places(find_header([sent], request.columns), request.columns)
        values, _ = pyreadstat.read_sav(
            io.BytesIO(data),
            usecols=[names[place] for place in places.values()],
            user_missing=True,
            row_limit=request.limits.max_rows + 1,
            output_format="dict",
        )
    except (UnreadableDrop, MemoryError):
        raise
    except Exception:
        # pyreadstat raises plain errors of many kinds, with values of the file in the message.
        raise UnreadableDrop("F-BROKEN") from None
    columns = {name: as_text(list(values[names[place]])) for name, place in places.items()}
    rows = len(next(iter(columns.values())))
    if rows > request.limits.max_rows:
        raise UnreadableDrop("F-TOO-LARGE")
    taken = set(places.values())
    words = frozenset(request.heading_words)
    dropped = [dropped_column(name, n, words) for n, name in enumerate(sent) if n not in taken]
    table = finish(Table(columns, list(range(1, rows + 1)), None, dropped, []))
    check_cells(table, request.limits.max_cell_chars)
    return table


def _as_sent(name: str, names: Sequence[str]) -> str:
    """The name of a variable; the parser gives the second of one name another one."""
    first = _SECOND.sub("", name)
    return first if first in names else name
