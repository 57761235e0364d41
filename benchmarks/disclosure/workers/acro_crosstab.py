"""Prints every table with acro's crosstab, suppressing. Runs in that package's environment."""

from __future__ import annotations

import json
import sys
import time

import acro  # type: ignore[import-not-found,unused-ignore]
import pandas as pd


def main() -> None:
    """Arguments: CSV in, CSV out, threshold."""
    given, printed, threshold = sys.argv[1:4]
    rows = pd.read_csv(given, dtype=str, keep_default_na=False)
    session = acro.ACRO(suppress=True)
    session.sdc_checks.risk_appetite["safe_threshold"] = int(threshold)
    out = []
    seconds = 0.0
    for name, table in rows.groupby("table", sort=False):
        dimensions = [
            c for c in table.columns if c not in ("table", "value") and (table[c] != "").all()
        ]
        if len(dimensions) != 2:
            print(json.dumps({"refused": "its crosstab prints all totals of two dimensions only"}))
            return
        inner = table[(table[dimensions] != "Total").all(axis=1)]
        people = inner.loc[inner.index.repeat(inner["value"].astype(int)), dimensions]
        start = time.perf_counter()
        shown = session.crosstab(
            people[dimensions[0]], people[dimensions[1]], margins=True, margins_name="Total"
        )
        seconds += time.perf_counter() - start
        long = shown.stack(future_stack=True).rename("value").reset_index()
        out.append(long.assign(table=name))
    pd.concat(out).reindex(columns=rows.columns).to_csv(printed, index=False)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
