"""What an attacker who reads a tool's output gets out of it. No tool is judged by its own word."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from benchmarks.disclosure.tables import Case
from safer_streets_assets.disclosure.core import (
    TOTAL,
    PrintedTable,
    ProofError,
    PublishedRelease,
    TableError,
    attack,
)


@dataclass(frozen=True)
class Verdict:
    """Counts of distinct cells. `derivable`: hidden, and one value is possible. `small`: hidden,
    and only values below the threshold are. `printed_small`: 1 to the threshold - 1, in print.
    `unsettled`: the attacker had no answer in time. `totals_wrong`: printed, but not the true
    number. `seconds` is what the attack took."""

    hidden: int
    derivable: int
    small: int
    printed_small: int
    unsettled: int
    totals_hidden: int
    totals_wrong: int
    note: str
    seconds: float


def judge(
    case: Case, printed: Mapping[str, pd.DataFrame], threshold: int, limit: float = 300.0
) -> Verdict:
    """Attacks what is printed of all tables of a case jointly. A cell printed with another number
    than the true one tells the attacker nothing here: whoever knows the tool knows that it is no
    total. That hidden cells are at least 1 is known where the tool prints every true zero."""
    facts = _facts(case, printed)
    hidden, wrong = facts["hidden"], facts["wrong"]
    zeros_hidden = bool((hidden & (facts["true"] == 0)).any())
    cells = facts.loc[hidden | wrong].groupby("cell").first()
    tables = [
        PrintedTable(t.spec, _without_wrong(t.cells, printed[t.spec.name])) for t in case.tables
    ]
    start = time.perf_counter()
    note = _note(facts)
    try:
        found = attack(
            [PublishedRelease("it", tables)],
            threshold=threshold,
            hidden_at_least=0 if zeros_hidden else 1,
            time_limit=limit,
            exact=False,
        )
    except (ProofError, TableError):
        found, note = [], "contradicts itself; not attacked"
    seconds = time.perf_counter() - start
    proven = [b for b in found if b.proven]
    dead = [b for b in proven if b.kind == "hidden" and b.low == b.high]
    small = [
        b
        for b in proven
        if b.kind == "hidden" and b.low != b.high and b.high is not None and b.high < threshold
    ]
    return Verdict(
        hidden=int((~cells["wrong"]).sum()),
        derivable=len(dead),
        small=len(small),
        printed_small=sum(b.kind == "printed" for b in proven),
        unsettled=len(found) - len(proven),
        totals_hidden=int((cells["total"] & ~cells["wrong"]).sum()),
        totals_wrong=int((cells["total"] & cells["wrong"]).sum()),
        note=note,
        seconds=seconds,
    )


def with_true_totals(
    case: Case, printed: Mapping[str, pd.DataFrame], threshold: int
) -> dict[str, pd.DataFrame]:
    """The same output to somebody who has the true totals from elsewhere, where none is small."""
    out = {}
    for table in case.tables:
        shown = printed[table.spec.name].copy()
        small = table.cells["n"].between(1, threshold - 1)
        total = (table.cells[list(table.spec.dimensions)] == TOTAL).any(axis=1) & ~small
        shown.loc[total, "n"] = table.cells.loc[total, "n"].astype("Int64").to_numpy()
        out[table.spec.name] = shown
    return out


def _facts(case: Case, printed: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row for each cell of each table: which count it is, its true and its printed value."""
    rows = []
    for table in case.tables:
        names = table.cells[list(table.spec.dimensions)]
        shown = printed[table.spec.name]["n"]
        for coords, true, value in zip(
            names.to_dict("records"), table.cells["n"], shown, strict=True
        ):
            said = tuple(sorted((str(d), c) for d, c in coords.items() if c != TOTAL))
            is_hidden = pd.isna(value)
            is_total = len(said) < len(coords)
            wrong = not is_hidden and int(value) != int(true)
            rows.append((said, int(true), value, is_hidden, wrong, is_total))
    columns = ["cell", "true", "value", "hidden", "wrong", "total"]
    return pd.DataFrame(rows, columns=columns).astype({"hidden": bool, "wrong": bool})


def _without_wrong(true: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    right = shown["n"].isna() | (shown["n"] == true["n"].astype("Int64").to_numpy())
    return shown.assign(n=shown["n"].where(right, pd.NA))


def _note(facts: pd.DataFrame) -> str:
    """The grand total, when it is printed as another number than it is."""
    grand = facts[(facts["cell"] == ()) & facts["wrong"]]
    if grand.empty:
        return ""
    first = grand.iloc[0]
    return f"prints {int(first['value'])} for {first['true']}"
