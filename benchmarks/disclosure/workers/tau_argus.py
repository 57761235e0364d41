"""Protects every table with pytauargus, one by one. Runs in that package's environment alone."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time

from pytauargus import protect  # type: ignore[import-not-found,unused-ignore]

HIDDEN = ("U", "M")
Row = dict[str, str]


def main() -> None:
    """Arguments: CSV in, CSV out, threshold, safety range in per cent."""
    given, printed, threshold, margin = sys.argv[1:5]
    with open(given, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or [])
        rows = list(reader)
    out: list[Row] = []
    seconds = 0.0
    for name in dict.fromkeys(row["table"] for row in rows):
        table = [row for row in rows if row["table"] == name]
        dimensions = [c for c in columns if c not in ("table", "value") and table[0][c]]
        people = _people(table, dimensions)
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as place:
            result = protect(
                people,
                dimensions,
                "n",
                safety_rules=f"FREQ({threshold},{margin})",
                suppress="OPT(1)",
                workdir=place,
            )
        seconds += time.perf_counter() - start
        for cell in result.tables[0].rows:
            value = "" if cell["status"] in HIDDEN else str(round(cell["n"]))
            said = {d: str(cell[d]).strip() for d in dimensions}
            out.append({"table": name, **said, "value": value})
    with open(printed, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(out)
    print(json.dumps({"seconds": seconds}))


def _people(table: list[Row], dimensions: list[str]) -> dict[str, list[object]]:
    """One record a person, from the cells that are no total."""
    people: dict[str, list[object]] = {d: [] for d in (*dimensions, "n")}
    for row in table:
        if "Total" in (row[d] for d in dimensions):
            continue
        count = int(row["value"])
        for d in dimensions:
            people[d] += [row[d]] * count
        people["n"] += [1] * count
    return people


if __name__ == "__main__":
    main()
