"""Writing SPSS system files whose bytes do not depend on the day they are written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyreadstat

# Offsets in the file header record of a system file (PSPP developer guide, "File Header Record").
_CREATION_OFFSET = 92
_CREATION_STAMP = b"01 Jan 20" + b"00:00:00"


def write_sav(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    text: Sequence[str],
    user_missing: Sequence[str],
    labels: dict[str, dict[int | float, str]],
) -> None:
    """Write rows as `.sav`: `text` columns are strings, all others numbers.

    97 to 99 are declared user-missing for the columns of `user_missing`; `labels` are value labels
    by column.
    """
    data = {
        name: [row[at] or "" for row in rows]
        if name in text
        else pd.Series([row[at] for row in rows], dtype="float64")
        for at, name in enumerate(columns)
    }
    pyreadstat.write_sav(
        pd.DataFrame(data),
        str(path),
        missing_ranges={name: [{"lo": 97, "hi": 99}] for name in user_missing},
        variable_value_labels=labels,
    )
    with path.open("r+b") as file:
        file.seek(_CREATION_OFFSET)
        file.write(_CREATION_STAMP)
