"""The workbook of a release: cover, contents, notes, what columns mean, and a worksheet a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from safer_streets_assets.disclosure.core_tables import HELD, holds_back
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import MARKERS, held_means
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.csv_files import described
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.licence import LICENCE
from safer_streets_assets.release.records import about_tables
from safer_streets_assets.release.workbook.parts import (
    WorkbookContent,
    Worksheet,
    WorksheetColumn,
    WorksheetLine,
    sheet_names,
)
from safer_streets_assets.release.workbook.table_sheets import shown_columns, table_sheet

COVER, CONTENTS, NOTES, COLUMNS = "Cover", "Contents", "Notes", "Columns"


def release_workbook(
    policy: Policy, identity: Identity, tables: Sequence[ReleaseTable]
) -> WorkbookContent:
    """The workbook of a release, from its printed tables."""
    names = dict(
        zip(
            [table.name for table in tables],
            sheet_names([table.name for table in tables], [COVER, CONTENTS, NOTES, COLUMNS]),
            strict=True,
        )
    )
    notes = numbered_notes(tables)
    held = f"{HELD} {held_means(policy)}" if holds_back(policy) else None
    sheets = [
        table_sheet(
            table,
            names[table.name],
            [f"[note {notes[note]}]" for note in notes_of_table(table)],
            " ".join(map(_first_sentence, notes_of_table(table))),
            held,
        )
        for table in tables
    ]
    first = sheets[0].heading_row
    about = [
        _cover(policy, identity, held, bool(notes), first),
        _contents(tables, names),
        *([_notes(tables, names, notes)] if notes else []),
        _columns(tables, names),
    ]
    evaluation = policy.dpia.evaluation
    return WorkbookContent(
        title=f"{evaluation.name}: published tables, release {identity.number}",
        creator=f"{evaluation.data_controller}, {evaluation.unit}",
        made_at=identity.made_at,
        sheets=[*about, *sheets],
        subject=about_tables(policy),
        keywords=", ".join(["evaluation", *evaluation.keywords, "statistics"]),
    )


def notes_of_table(table: ReleaseTable) -> list[str]:
    """What the policy says of a table, and what the release says of it; what is said of all tables
    of a release of invented drops stands above each table."""
    rest = table.notes.removeprefix(INVENTED).strip() if table.invented else table.notes
    own = table.spec.notes.strip()
    if not own or not rest.startswith(own):
        return [rest] if rest else []
    return [text for text in (own, rest.removeprefix(own).strip()) if text]


def numbered_notes(tables: Sequence[ReleaseTable]) -> dict[str, int]:
    """Each note once, with its number."""
    notes = dict.fromkeys(note for table in tables for note in notes_of_table(table))
    return {note: number for number, note in enumerate(notes, start=1)}


def _first_sentence(note: str) -> str:
    return re.split(r"(?<=[.?!]) (?=[A-Z\"])", note, maxsplit=1)[0]


def _cover(
    policy: Policy, identity: Identity, held: str | None, has_notes: bool, heading_row: int
) -> Worksheet:
    evaluation, thresholds = policy.dpia.evaluation, policy.dpia.thresholds
    made = f"{identity.made_at:%H:%M} UTC on {identity.made_at.day} {identity.made_at:%B %Y}"
    follows = f" It follows {identity.previous}." if identity.previous else ""
    text, heading = WorksheetLine, _heading
    lines = [
        text(f"{evaluation.name}: published tables, release {identity.number}", level=1),
        *([text(INVENTED)] if identity.invented else []),
        text(about_tables(policy)),
        heading("This release"),
        text(f"Release {identity.release_id}, made at {made}.{follows}"),
        text(f"Made by {evaluation.data_controller}, {evaluation.unit}."),
        heading("What is in this workbook"),
        text("Contents: every table, with whom it counts", to=CONTENTS),
        *([text("Notes: what to bear in mind when reading the tables", to=NOTES)] * has_notes),
        text("Columns: what each heading means, and the codes behind labels", to=COLUMNS),
        text(
            "Each table has a worksheet of its own, called as in published.duckdb and in the "
            f"folder csv. Its headings stand in row {heading_row}."
        ),
        heading("How to read a figure"),
        *(text(f"{marker} means: {meaning}.") for marker, meaning in MARKERS.items()),
        *([text(f"{held.replace(HELD, f'{HELD} means:', 1)}.")] if held else []),
        *map(text, _protection(thresholds.method, thresholds.minimum_count)),
        heading("How to read it with a program"),
        text(
            f"Leave out the {heading_row - 1} rows above the headings, and take the markers as "
            f"missing: in R skip = {heading_row - 1} and na = c({_quoted_markers()}), in pandas "
            f"header = {heading_row - 1} and na_values = [{_quoted_markers()}]."
        ),
        heading("Licence"),
        text(LICENCE["title"], to=LICENCE["path"]),
        heading("Contact"),
        text(f"{evaluation.unit}, {evaluation.data_controller}."),
    ]
    return Worksheet(COVER, lines)


def _heading(text: str) -> WorksheetLine:
    return WorksheetLine(text, level=2)


def _quoted_markers() -> str:
    return ", ".join(f'"{marker}"' for marker in MARKERS)


def _protection(method: str, threshold: int) -> Iterator[str]:
    if method == "suppression":
        yield (
            f"Counts of 1 to {threshold - 1} are not printed, and further counts with them, so "
            "that nobody can work them out. 0 is a true zero."
        )
        yield "A printed count is true on the day of the release."
    else:
        yield "Counts are rounded: the notes say how far."


def _contents(tables: Sequence[ReleaseTable], names: Mapping[str, str]) -> Worksheet:
    headings = ("Worksheet", "What it shows", "Who is counted", "State")
    numbers = ("Rows", "Counts", "Counts that are suppressed")
    columns = [
        *(WorksheetColumn(heading) for heading in headings),
        *(WorksheetColumn(heading, numbers=True, decimals=0) for heading in numbers),
    ]
    rows = [
        (
            names[table.name],
            table.spec.title,
            table.population,
            table.verdict,
            len(table.rows),
            table.cells,
            table.suppressed,
        )
        for table in tables
    ]
    lines = [
        WorksheetLine("Contents", level=1),
        WorksheetLine("This worksheet contains one table: a row for each table of the workbook."),
        WorksheetLine("Back to the cover", to=COVER),
    ]
    return Worksheet(CONTENTS, lines, "table_of_contents", columns, rows, linked=True)


def _notes(
    tables: Sequence[ReleaseTable], names: Mapping[str, str], notes: Mapping[str, int]
) -> Worksheet:
    rows = [
        (
            f"[note {number}]",
            note,
            ", ".join(names[table.name] for table in tables if note in notes_of_table(table)),
        )
        for note, number in notes.items()
    ]
    lines = [
        WorksheetLine("Notes", level=1),
        WorksheetLine("This worksheet contains one table: a row for each note."),
        WorksheetLine("Back to the contents", to=CONTENTS),
    ]
    columns = [WorksheetColumn(h) for h in ("Note", "What it says", "Worksheets it is of")]
    return Worksheet(NOTES, lines, "table_of_notes", columns, rows)


def _columns(tables: Sequence[ReleaseTable], names: Mapping[str, str]) -> Worksheet:
    rows = [
        (
            names[table.name],
            shown.heading,
            shown.column.name,
            described(shown.column),
        )
        for table in tables
        for shown in shown_columns(table)
    ]
    lines = [
        WorksheetLine("Columns", level=1),
        WorksheetLine("This worksheet contains one table: a row for each column of each table."),
        WorksheetLine("Back to the contents", to=CONTENTS),
    ]
    headings = ("Worksheet", "Heading", "Name in CSV files and databases", "What it means")
    columns = [WorksheetColumn(heading) for heading in headings]
    return Worksheet(COLUMNS, lines, "table_of_columns", columns, rows, row_headings=2)
