"""What the categories of anybody's table tell when its counts are rounded."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, CellRef, Fact, at_least_one
from safer_streets_assets.disclosure.own_spec import OwnSpec


def listed_facts(spec: OwnSpec, table: str, cells: pd.DataFrame) -> Iterator[Fact]:
    """That somebody is in each category: a reader may take it from its being listed.

    `table` is the core's name of the table without groups, `cells` are its true counts.
    """
    widest = {name: d.nested[0] for name, d in spec.dimensions.items() if d.nested}
    others = {name: widest.get(name, TOTAL) for name in spec.dimensions}
    for row in cells.to_dict("records"):
        moved = [name for name, category in others.items() if str(row[name]) != category]
        if len(moved) == 1 and moved[0] not in widest:
            coords = {name: str(row[name]) for name in spec.dimensions}
            for count in spec.counts:
                if count not in spec.nested_counts[1:] and int(row[count]) > 0:
                    yield at_least_one(CellRef(table, coords, count))
