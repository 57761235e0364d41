"""An attacker reads every file of a release, and not its tables alone."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.release import Published
from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets.release.labels import runs_as_formula
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.briefing.png_texts import texts_of as texts_of_png
from safer_streets_assets_tests.release.builders import POLICY, content, publish
from safer_streets_assets_tests.release.mutations import Step, release_step
from safer_streets_assets_tests.release.workbook.opened import open_xlsx
from safer_streets_assets_tests.release.workbook.opened_ods import open_ods

TELLS_THE_RULE = re.compile(
    r"primary|secondary|held.?back|held_|witness|monoton|alone|tabulated|hidden_(before|after)"
    r"|because (they are|it is) small",
    flags=re.IGNORECASE,
)
OF_OTHERS = ("primaryKey", "standalone=", "are held back", "primary scale")
"""Words of file formats and of the policy's own sentences."""
COUNTS = {name for spec in POLICY.tables.tables.values() for name in spec.counts}


@pytest.fixture(scope="module")
def step(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Step]:
    """Linked tables of 150 people, protected and published, and once more of 200."""
    with release_step(tmp_path_factory.mktemp("all files"), 150, 200, 200) as made:
        yield made


@pytest.fixture(scope="module")
def folders(step: Step, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The release folders of protected tables, and one with every kind of file."""
    every = builders.data_folder(tmp_path_factory.mktemp("every kind"))
    publish(every, content(builders.tables()))
    publish(every, content(builders.tables(gate_open=True)))
    return sorted([*step.folder.releases.iterdir(), *every.releases.iterdir()])


def texts(folder: Path) -> dict[str, str]:
    """Everything that can be read in a release folder as text, by file: in databases and Parquet
    files every table, column name, comment and cell, in workbooks, documents and slides every part
    but pictures, of pictures their words."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".duckdb":
            rows = builders.database_contents(path)
            sources = ("duckdb_tables()", "duckdb_views()", "duckdb_columns()")
            own = "WHERE database_name = 'analyst' AND NOT internal"
            said = [repr(builders.query(path, f"FROM {source} {own}")) for source in sources]
            found[name] = "\n".join([*map(repr, rows.items()), *said])
        elif path.suffix == ".parquet":
            with duckdb.connect() as connection:
                read = connection.execute(f"SELECT * FROM '{path}'")
                columns = [column[0] for column in read.description or ()]
                said = connection.execute(f"FROM parquet_kv_metadata('{path}')").fetchall()
                found[name] = repr((columns, read.fetchall() if columns else (), said))
        elif path.suffix == ".png":
            found[name] = repr(texts_of_png(path.read_bytes()))
        elif path.suffix in (".xlsx", ".ods", ".docx", ".odt", ".pptx"):
            with zipfile.ZipFile(path) as archive:
                parts = [part for part in archive.namelist() if not part.endswith(".png")]
                found[name] = "\n".join(archive.read(part).decode() for part in parts)
        else:
            found[name] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.thorough
def test_no_file_tells_by_which_rule_a_count_is_hidden(folders: list[Path]) -> None:
    assert len(folders) == 4
    for folder in folders:
        for name, text in texts(folder).items():
            rest = text
            for words in OF_OTHERS:
                rest = rest.replace(words, "")
            found = TELLS_THE_RULE.search(rest)
            assert found is None, (name, rest[max(0, found.start() - 60) : found.end() + 60])


def test_the_summary_says_what_everybody_can_count(folders: list[Path]) -> None:
    for folder in folders:
        record = json.loads((folder / "release.json").read_text())
        summary = builders.query(folder / "published.duckdb", "FROM suppression_summary")
        for (name, cells, suppressed, _), entry in zip(summary, record["tables"], strict=True):
            header, rows = read_csv((folder / "csv" / f"{name}.csv").read_bytes())
            markers = [
                row[header.index(f"{count}_marker")]
                for row in rows
                for count in POLICY.tables.tables[name].counts
            ]
            assert (cells, suppressed) == (len(markers), Counter(markers)["[c]"])
            assert (entry["cells"], entry["suppressed"]) == (cells, suppressed)
            assert set(entry) == {"name", "rows", "cells", "suppressed", "verdict", "notes"}


def test_a_number_beside_the_name_of_a_count_is_a_printed_one(folders: list[Path]) -> None:
    """In the words, under a key of JSON that is a count's name, and beside a stage."""
    stages = "|".join(map(re.escape, POLICY.dpia.cohort.stages))
    beside = re.compile(rf"(?:{stages})\b[^.\n\d]{{0,30}}(\d+)(?: to (\d+))?", re.IGNORECASE)
    before: set[str] = set()
    for folder in folders:
        printed = {
            value
            for path in (folder / "csv").glob("*.csv")
            for row in read_csv(path.read_bytes())[1]
            for value in row
        }
        words = (folder / "CHANGELOG.md").read_text()
        for found in beside.findall(words):
            assert set(filter(None, found)) <= printed | before
        for path in folder.rglob("*.json"):
            for key, value in numbers(json.loads(path.read_text())):
                assert key not in COUNTS, (path.name, key, value)
        before |= printed


def numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a JSON document with the key that it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value


def test_what_was_said_of_hidden_counts_changes_no_file(step: Step, tmp_path: Path) -> None:
    """The same printed tables with another split and other reasons make the same bytes."""
    given = step.content(step.stored)
    other = given.summary.assign(
        cells=1, suppressed_primary=0, suppressed_secondary=given.summary["suppressed_primary"] + 1
    )
    paths = []
    for name, summary in (("one", given.summary), ("other", other)):
        folder = builders.data_folder(tmp_path / name)
        paths.append(publish(folder, replace(given, summary=summary)).path)
    assert [path.name for path in paths[:1]] == [path.name for path in paths[1:]]
    one, two = map(texts, paths)
    for name in one:
        if not name.endswith((".duckdb", "SHA256SUMS")):
            assert one[name] == two[name], name
    contents = [builders.database_contents(path / "published.duckdb") for path in paths]
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    "why", ["a small count is printed", "somebody alone in a hidden cell may derive others"]
)
def test_why_a_table_is_withheld_is_not_told(tmp_path: Path, why: str) -> None:
    frames = {"funnel": builders.funnel(*[None] * 7)}
    given = content(frames, summary=builders.summary(frames, {"funnel": why}))
    path = publish(builders.data_folder(tmp_path), given).path
    assert not any(why in text for text in texts(path).values())
    said = builders.query(path / "published.duckdb", "SELECT verdict FROM suppression_summary")
    assert said == [("withheld: not proven safe",)]


def test_no_cell_of_any_file_is_a_formula(folders: list[Path]) -> None:
    for folder in folders:
        cells: set[str] = set()
        for path in (folder / "csv").glob("*.csv"):
            header, rows = read_csv(path.read_bytes())
            cells |= {*header, *(cell for row in rows for cell in row)}
        for path in (folder / "parquet").glob("*.parquet"):
            frame = duckdb.connect().execute(f"SELECT * FROM '{path}'").df()
            cells |= texts_of(frame)
        for rows in builders.database_contents(folder / "published.duckdb").values():
            cells |= texts_of(pd.DataFrame(rows))
        for read, form in ((open_xlsx, "xlsx"), (open_ods, "ods")):
            book = read((folder / f"safer_streets_tables.{form}").read_bytes())
            assert not any(cell.formula for cell in book.cells)
            cells |= {cell.value for cell in book.cells if isinstance(cell.value, str)}
        assert len(cells) > 50
        assert not [cell for cell in cells if runs_as_formula(cell)]


def texts_of(frame: pd.DataFrame) -> set[str]:
    return {cell for column in frame for cell in frame[column] if isinstance(cell, str)}


def released(root: Path, *, invented: bool) -> Published:
    given = content(builders.tables(gate_open=True), invented=invented)
    return publish(builders.data_folder(root), given)


def test_a_release_of_invented_drops_says_so_in_every_file(tmp_path: Path) -> None:
    said = texts(released(tmp_path / "invented", invented=True).path)
    assert {
        "published.duckdb",
        "release.json",
        "CHANGELOG.md",
        "charts/attitude_change.svg",
        "safer_streets_tables.xlsx",
        "safer_streets_tables.ods",
        "charts/funnel.png",
        "briefing.docx",
        "briefing.odt",
        "slides.pptx",
    } <= set(said)
    for name, text in said.items():
        if name != "SHA256SUMS":
            assert "invented" in text.lower(), name
    plain = texts(released(tmp_path / "plain", invented=False).path)
    files = [name for name, text in plain.items() if "invented data" in text.lower()]
    assert files == []


def test_each_row_of_a_csv_and_a_parquet_of_invented_drops_says_so(tmp_path: Path) -> None:
    path = released(tmp_path, invented=True).path
    header, rows = read_csv((path / "csv" / "funnel.csv").read_bytes())
    assert header[-1] == "invented_data"
    assert {row[-1] for row in rows} == {"true"}
    with duckdb.connect() as connection:
        sql = f"SELECT DISTINCT invented_data FROM '{path / 'parquet' / 'funnel.parquet'}'"
        assert connection.execute(sql).fetchall() == [(True,)]
    assert builders.query(path / "published.duckdb", 'SELECT invented FROM "release"') == [(True,)]
    columns = builders.query(path / "published.duckdb", "DESCRIBE funnel")
    assert "invented_data" not in [column for column, *_ in columns]
