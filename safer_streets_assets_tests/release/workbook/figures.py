"""An attacker reads a workbook back and holds every cell of it against the other files of the
release: the CSV files, release.json, and the descriptions in published.duckdb.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.workbook.opened import Opened, SeenSheet

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FIGURE = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
MARKERS = "Shorthand: [c] suppressed for confidentiality; [x] not available; [z] not applicable"
INVENTED = "Invented data: it rests on drops of invented people and says nothing of the programme."
ABOUT_LINES = 7
TRUTH = {"true": "yes", "false": "no"}


def differences(folder: Path, book: Opened) -> list[str]:
    """What the workbook says otherwise than the other files of its release, or beyond them."""
    return list(_differences(folder, book))


def _differences(folder: Path, book: Opened) -> Iterator[str]:
    record = json.loads((folder / "release.json").read_text())
    index = {
        name: (title, population)
        for name, title, population in builders.query(
            folder / "published.duckdb", "SELECT table_name, title, population FROM table_index"
        )
    }
    names = [table["name"] for table in record["tables"]]
    about = ["Cover", "Contents", *(["Notes"] if "Notes" in book.names else []), "Columns"]
    if book.names != [*about, *names]:
        yield f"worksheets {book.names}"
        return
    expected = [
        [t["name"], *index[t["name"]], t["verdict"], t["rows"], t["cells"], t["suppressed"]]
        for t in record["tables"]
    ]
    yield from _unlike("contents", expected, book["Contents"].rows())
    yield from _cover(book["Cover"], record)
    columns = _columns(folder, book)
    yield from columns.pop("", [])
    notes = {table["name"]: table["notes"] for table in record["tables"]}
    yield from _notes(book, notes)
    for name in names:
        header, rows = read_csv((folder / "csv" / f"{name}.csv").read_bytes())
        yield from _lines(book[name], *index[name], notes[name], record)
        yield from _table(
            book[name], columns[name], [dict(zip(header, r, strict=True)) for r in rows]
        )


def _unlike(what: str, expected: list[Any], found: list[Any]) -> Iterator[str]:
    if len(expected) != len(found):
        yield f"{what}: {len(found)} rows for {len(expected)}"
    for row, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            yield f"{what}, row {row}: {other} for {one}"


def _cover(sheet: SeenSheet, record: dict[str, Any]) -> Iterator[str]:
    """No number but those of the release's identity, and of how a table is read."""
    known = {record["id"], record["made_at"], record["previous"] or "", "v3.0", "95"}
    known |= {str(record["number"]), str(record["threshold"] - 1), "1", "0"}
    known |= {str(ABOUT_LINES), str(ABOUT_LINES + 1)}
    numbers = {number for text in known for number in NUMBER.findall(text)}
    made = record["made_at"]
    numbers |= {str(int(made[8:10])), made[:4], *made[11:16].split(":")}
    for cell in sheet.cells.values():
        for number in NUMBER.findall(str(cell.value)):
            if number not in numbers:
                yield f"the cover says {number}"


def _columns(folder: Path, book: Opened) -> dict[str, Any]:
    """Table to the names of its columns by heading, and under "" what is described otherwise."""
    sql = 'SELECT table_name, column_name, description, "values" FROM data_dictionary'
    described = {
        (table, column): f"{text}: {values}" if values else text
        for table, column, text, values in builders.query(folder / "published.duckdb", sql)
    }
    found: dict[str, Any] = {"": []}
    for table, heading, column, meaning in book["Columns"].rows():
        if meaning != described[table, column]:
            found[""].append(f"column {table}.{column} is said to be {meaning}")
        found.setdefault(table, {})[heading] = column
    return found


def _notes(book: Opened, notes: dict[str, str]) -> Iterator[str]:
    rows = book["Notes"].rows() if "Notes" in book.names else []
    for number, (marker, text, tables) in enumerate(rows, start=1):
        if marker != f"[note {number}]":
            yield f"note {marker}"
        for table in tables.split(", "):
            if text not in notes[table]:
                yield f"a note of {table} says {text}"
    for table, text in notes.items():
        rest = text.replace(INVENTED, "", 1)
        for _, one, tables in rows:
            if table in tables.split(", "):
                rest = rest.replace(one, "", 1)
        if rest.strip():
            yield f"the notes of {table} lack {rest.strip()}"


def _lines(
    sheet: SeenSheet, title: str, population: str, notes: str, record: dict[str, Any]
) -> Iterator[str]:
    lines = [str(cell.value) for cell in sheet.lines()]
    if len(lines) != ABOUT_LINES:
        yield f"{sheet.name}: {len(lines)} lines"
        return
    about = f"{INVENTED} " * record["invented"] + "This worksheet contains one table."
    expected = [title, about, f"Who is counted: {population}."]
    yield from _unlike(sheet.name, expected, lines[:3])
    said = re.sub(r"^Notes: (\[note \d+\] )+on the worksheet Notes\. ", "", lines[3])
    for sentence in re.split(r"(?<=\.) (?=[A-Z])", said):
        if sentence not in notes and sentence != "There are no notes on this table.":
            yield f"{sheet.name}: a note says {sentence}"
    if not lines[4].startswith(MARKERS) or NUMBER.search(lines[5] + lines[6]):
        yield f"{sheet.name}: {lines[4:]}"


def _table(sheet: SeenSheet, columns: dict[str, str], rows: list[dict[str, str]]) -> Iterator[str]:
    headings = sheet.headings()
    if headings != list(columns):
        yield f"{sheet.name}: headings {headings}"
    expected = [[_said(row, columns[heading]) for heading in headings] for row in rows]
    expected = expected or [["No rows", *["[x]"] * (len(headings) - 1)]]
    yield from _unlike(sheet.name, expected, [list(map(_plain, row)) for row in sheet.rows()])


def _plain(value: Any) -> Any:
    """A number as a number, also one that is a category; a code in capitals behind its label left
    out."""
    if isinstance(value, int | float) or FIGURE.fullmatch(value):
        return float(value)
    return re.sub(r" \([A-Z][A-Z0-9_]*\)$", "", value)


def _said(row: dict[str, str], column: str) -> Any:
    """What the CSV says in a column: its label, its number, or why there is none."""
    value = row[column]
    if f"{column}_label" in row:
        return _plain(row[f"{column}_label"])
    if column.endswith("_marker"):
        return value or "none"
    if not value:
        of = [column, column.removesuffix("_as_of"), re.sub("_(low|high)$", "", column)]
        return next((row[f"{name}_marker"] for name in of if f"{name}_marker" in row), "[x]")
    if value in TRUTH:
        return TRUTH[value]
    return float(value) if FIGURE.fullmatch(value) else value
