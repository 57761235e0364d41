"""The figures of the workbook are those of the tables, every one, and no other."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.release import Published, ReleaseContent
from safer_streets_assets.release.content import ReleaseTable, release_tables
from safer_streets_assets.release.database import Identity
from safer_streets_assets.release.workbook.contents import release_workbook
from safer_streets_assets.release.workbook.ods import ods_bytes
from safer_streets_assets.release.workbook.xlsx import xlsx_bytes
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish
from safer_streets_assets_tests.release.workbook.figures import differences
from safer_streets_assets_tests.release.workbook.opened import Opened, open_xlsx
from safer_streets_assets_tests.release.workbook.opened_ods import open_ods

FORMS: dict[str, tuple[Callable[..., bytes], Callable[[bytes], Opened]]] = {
    "xlsx": (xlsx_bytes, open_xlsx),
    "ods": (ods_bytes, open_ods),
}
IDENTITY = Identity("r0001-00000000", 1, builders.NOW, "0.1.0", "", "", (), None)


@pytest.fixture(scope="module")
def given() -> ReleaseContent:
    return content(builders.tables(gate_open=True))


@pytest.fixture(scope="module")
def released(given: ReleaseContent, tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish(builders.data_folder(tmp_path_factory.mktemp("figures")), given)


def opened(form: str, tables: list[ReleaseTable], released: Published) -> Opened:
    write, read = FORMS[form]
    identity = replace(IDENTITY, release_id=released.release_id)
    return read(write(release_workbook(POLICY, identity, tables)))


@pytest.mark.parametrize(("gate_open", "invented"), [(True, False), (False, True)])
def test_every_cell_of_a_published_workbook_is_what_the_other_files_say(
    gate_open: bool, invented: bool, tmp_path: Path
) -> None:
    frames = builders.tables(gate_open=gate_open)
    path = publish(builders.data_folder(tmp_path), content(frames, invented=invented)).path
    for form, (_, read) in FORMS.items():
        book = read((path / f"safer_streets_tables.{form}").read_bytes())
        assert len(book.cells) > 300
        assert differences(path, book) == []


def changed(table: ReleaseTable, row: int, column: int, value: Any) -> ReleaseTable:
    rows = [list(one) for one in table.rows]
    rows[row][column] = value
    return replace(table, rows=tuple(map(tuple, rows)))


def hidden_numbers(table: ReleaseTable) -> list[tuple[int, int]]:
    return [
        (row, at)
        for row, values in enumerate(table.rows)
        for at, column in enumerate(table.columns)
        if values[at] is None and column.type in ("BIGINT", "DOUBLE")
    ]


@pytest.mark.parametrize("form", FORMS)
def test_an_unprinted_number_in_any_table_that_is_given_to_the_writer_is_found(
    form: str, given: ReleaseContent, released: Published
) -> None:
    tables = release_tables(POLICY, given)
    assert differences(released.path, opened(form, tables, released)) == []
    chance, tried = random.Random(1), 0
    for _ in range(3):
        mutated, places = [*tables], {}
        for at, table in enumerate(tables):
            for row, column in chance.sample(hidden_numbers(table), bool(hidden_numbers(table))):
                mutated[at], places[table.name] = changed(table, row, column, 3), row
        found = differences(released.path, opened(form, mutated, released))
        told = {tuple(text.split(":")[0].split(", row ")) for text in found}
        assert told == {(name, str(row)) for name, row in places.items()}
        tried += len(places)
    assert tried > 12


def other_notes(table: ReleaseTable) -> ReleaseTable:
    return replace(table, notes=f"{table.notes} There are 3 people.".strip())


def other_population(table: ReleaseTable) -> ReleaseTable:
    return replace(table, population=f"{table.population} (3)")


def other_title(table: ReleaseTable) -> ReleaseTable:
    spec = table.spec.model_copy(update={"title": f"{table.spec.title} (3)"})
    return replace(table, spec=spec)


def other_verdict(table: ReleaseTable) -> ReleaseTable:
    return replace(table, verdict="3 are small")


def other_heading(table: ReleaseTable) -> ReleaseTable:
    first, *others = table.columns
    return replace(table, columns=(replace(first, description="3 people"), *others))


def a_row_more(table: ReleaseTable) -> ReleaseTable:
    return replace(table, rows=(*table.rows, table.rows[-1]))


def other_number(table: ReleaseTable) -> ReleaseTable:
    column = next(at for at, c in enumerate(table.columns) if c.role in ("count", "constant"))
    row = next(row for row, values in enumerate(table.rows) if values[column] is not None)
    return changed(table, row, column, 3)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "change",
    [
        other_notes,
        other_population,
        other_title,
        other_verdict,
        other_heading,
        a_row_more,
        other_number,
    ],
)
def test_whatever_else_is_given_to_the_writer_is_found_too(
    form: str,
    change: Callable[[ReleaseTable], ReleaseTable],
    given: ReleaseContent,
    released: Published,
) -> None:
    tables = release_tables(POLICY, given)
    for at in (0, 2):
        mutated = [*tables[:at], change(tables[at]), *tables[at + 1 :]]
        assert differences(released.path, opened(form, mutated, released))


def test_pandas_reads_a_table_as_the_cover_says(released: Published) -> None:
    for form, engine in (("xlsx", "openpyxl"), ("ods", "calamine")):
        path = released.path / f"safer_streets_tables.{form}"
        frame = pd.read_excel(
            path,
            sheet_name="attendance_by_session",
            header=7,
            na_values=["[c]", "[x]", "[z]"],
            engine=engine,
        )
        csv = pd.read_csv(released.path / "csv" / "attendance_by_session.csv")
        numbers = ["People who should have reached the session", "People who attended it"]
        expected = csv[["n_expected", "n_attended"]].to_numpy()
        assert pd.DataFrame(frame[numbers].to_numpy()).equals(pd.DataFrame(expected))
