"""The invented tables with known optima, where they lie beside the repository, and one that is
always there: the fewest cells, or close to it, and a proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import CountTable, TableSpec, protect, prove
from safer_streets_assets.disclosure.core.suppression.weights import cell_weight
from safer_streets_assets_tests.disclosure.core.test_published_cases import (
    TEN_BY_FIVE,
    with_totals,
)

FOLDER = Path(__file__).parents[3] / "../shared/disclosure_cases"
OPTIMA = {"20_t10x5_1": 23, "20_t33x8_1": 160, "20_linked4_1": 317}
HERE = "ten by five"


def tables_of(case: str) -> list[CountTable]:
    if case == HERE:
        cells = with_totals(TEN_BY_FIVE, ["off1", "off2", "off3", "off4", "off5"])
        return [CountTable(TableSpec("T", ("row", "col"), "p"), cells)]
    rows = pd.read_csv(FOLDER / f"{case}.csv", dtype=str, keep_default_na=False)
    tables = []
    for name, part in rows.groupby("table", sort=False):
        dims = tuple(c for c in rows.columns[1:-1] if (part[c] != "").any())
        cells = part[[*dims, "value"]].rename(columns={"value": "n"}).astype({"n": int})
        tables.append(CountTable(TableSpec(str(name), dims, "p"), cells))
    return tables


@pytest.mark.parametrize("case", [HERE, *(c for c in OPTIMA if (FOLDER / f"{c}.csv").exists())])
def test_a_case_costs_at_most_a_tenth_more_complementary_cells_than_its_optimum(case: str) -> None:
    tables = tables_of(case)
    done = protect(tables, threshold=5, weights=cell_weight, insiders=False)
    release = replace(done.release("r"), alone=None)
    assert prove([release], threshold=5) == dict.fromkeys(done.tables, "proven")
    hidden, small = set(), set()
    for table in tables:
        dims = list(table.spec.dimensions)
        shown = done.tables[table.spec.name].cells["n"]
        names = table.cells[dims].to_dict("records")
        for coords, true, value in zip(names, table.cells["n"], shown, strict=True):
            name = frozenset((d, c) for d, c in coords.items() if c != "Total")
            small |= {name} if 0 < true < 5 else set()
            hidden |= {name} if pd.isna(value) else set()
    best = OPTIMA.get(case, 23)
    assert small <= hidden
    assert len(hidden) <= best + max(2, (best - len(small)) // 10)
