"""The change of each scale alone, as the sample year that came with the assignment counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets.attitudes.tables import instrument_of, read_people, read_scores
from safer_streets_assets_tests.builders import shipped_policy


def change_alone(connection: duckdb.DuckDBPyConnection) -> dict[str, Mapping[str, Any]]:
    """By scale, its Total row from start to end over everybody who has both scores of it, whatever
    they have of the others; the research store is attached."""
    instrument = instrument_of(shipped_policy())
    scores, people = (
        read_scores(connection),
        read_people(connection, shipped_policy(), "participants"),
    )
    found = {}
    for scale in instrument.scales:
        alone = replace(instrument, scales=(scale,))
        table = change_summary(scores, people, alone, comparisons=[START_END]).table
        (found[scale.code],) = table.to_dict("records")
    return found
