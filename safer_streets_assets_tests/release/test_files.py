"""What is in the files of a release, as people who know nothing of the code read them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.core_tables import holds_back
from safer_streets_assets.release import Published
from safer_streets_assets.release.content import release_tables
from safer_streets_assets.release.csv_files import csv_bytes, read_csv
from safer_streets_assets.release.shares import with_shares
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish, query

TABLES = list(builders.tables())


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release with an open gate, after one with a closed gate."""
    folder = builders.data_folder(tmp_path_factory.mktemp("released"))
    publish(folder, content(builders.tables()))
    return publish(folder, content(builders.tables(gate_open=True)))


@pytest.fixture(scope="module")
def database(released: Published) -> Path:
    return released.path / "published.duckdb"


def expected_rows(name: str) -> list[tuple[Any, ...]]:
    frame = with_shares(POLICY, name, builders.tables(gate_open=True)[name]).astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


@pytest.mark.parametrize("name", TABLES)
def test_database_csv_and_parquet_say_the_same_in_the_order_given_and_the_csv_is_the_view(
    name: str, released: Published, database: Path
) -> None:
    rows = expected_rows(name)
    assert query(database, f"SELECT * FROM {name}") == rows
    with duckdb.connect() as connection:
        parquet = released.path / "parquet" / f"{name}.parquet"
        assert connection.execute(f"SELECT * FROM '{parquet}'").fetchall() == rows
    with (released.path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        header, *lines = list(csv.reader(stream))
    described = query(database, f"DESCRIBE {name}_labelled")
    assert header == [column for column, *_ in described]
    view = query(database, f"SELECT * FROM {name}_labelled")
    assert lines == [[text_of(value) for value in row] for row in view]


def text_of(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value + 0.0 if isinstance(value, float) else value)


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, unique=True
    )
)
@settings(deadline=None, max_examples=100)
def test_csv_gives_back_every_text(names: list[str]) -> None:
    keys = [(name, "01") for name in names]
    frames = {"non_assignment": builders.table("non_assignment", keys, {"n": [7] * len(keys)})}
    (table,) = release_tables(POLICY, content(frames, notes={}))
    written = csv_bytes(table)
    label = POLICY.labels_of("codes:reason_not_assigned")["01"]
    since = ["1"] if holds_back(POLICY) else []
    assert read_csv(written)[1] == [[name, "01", label, "7", "", *since] for name in names]
    assert written.endswith(b"\r\n")


def test_a_mean_that_rounds_to_nought_from_below_shows_no_sign(released: Published) -> None:
    assert b"-0.0" not in (released.path / "csv" / "attendance_by_session.csv").read_bytes()


def test_the_database_is_in_the_storage_version_that_old_clients_read(database: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{database}' AS analyst (READ_ONLY)")
        (tags,) = connection.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'analyst'"
        ).fetchone()
    assert tags["storage_version"].startswith("v1.2.0")
    assert sorted(path.name for path in database.parent.glob("published*")) == ["published.duckdb"]


def test_everything_in_the_database_has_a_comment(database: Path) -> None:
    for source in ("duckdb_tables()", "duckdb_views()", "duckdb_columns()"):
        sql = f"FROM {source} WHERE database_name = 'analyst' AND NOT internal"
        (total,) = query(database, f"SELECT count(*) {sql}")[0]
        (commented,) = query(database, f"SELECT count(nullif(comment, '')) {sql}")[0]
        assert total == commented > 0, source


def test_the_dictionary_describes_every_column_and_explains_markers_and_codes(
    database: Path,
) -> None:
    listed = query(database, 'SELECT table_name, column_name, "type" FROM data_dictionary')
    there = query(
        database,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'analyst' "
        "AND table_name NOT IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)",
    )
    assert sorted(listed) == sorted(there)
    values = {
        (table, column): text
        for table, column, text in query(
            database, 'SELECT table_name, column_name, "values" FROM data_dictionary'
        )
    }
    assert "01 = Lives outside a roll-out borough; 02 = " in values["non_assignment", "reason"]
    assert "[c] = suppressed for confidentiality" in values["funnel", "n_marker"]
    assert values["funnel", "n"] is None


def test_counts_are_whole_statistics_are_double_and_constants_keep_their_type(
    database: Path,
) -> None:
    types = {
        (table, column): kind
        for table, column, kind in query(
            database, 'SELECT table_name, column_name, "type" FROM data_dictionary'
        )
    }
    assert types["attendance_by_session", "n_expected"] == "BIGINT"
    assert types["attendance_by_session", "mean_engagement"] == "DOUBLE"
    assert types["attitude_change", "adjustment"] == "VARCHAR"
    assert types["attitude_change", "direction"] == "VARCHAR"
    assert types["stage_gates", "n_needed"] == "BIGINT"
    assert types["stage_gates", "open"] == "BOOLEAN"


def test_a_table_behind_a_closed_gate_has_the_columns_it_has_behind_an_open_one(
    tmp_path: Path, database: Path
) -> None:
    folder = builders.data_folder(tmp_path)
    closed = publish(folder, content(builders.tables())).path / "published.duckdb"
    sql = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'attitude_change'"
    assert query(closed, "SELECT * FROM attitude_change") == []
    assert query(closed, sql) == query(database, sql)
    notes = query(closed, "SELECT notes FROM table_index WHERE table_name = 'attitude_change'")
    assert notes[0][0].startswith("A change, not an impact.")
    assert notes[0][0].endswith("The gate is closed.")


def test_the_index_names_each_table_with_its_dimensions_and_counts(
    database: Path, released: Published
) -> None:
    index = {row[0]: row[1:] for row in query(database, "SELECT * FROM table_index")}
    assert list(index) == [name for name in POLICY.tables.tables if name in TABLES]
    title, population, dimensions, counts, threshold, release_id, source, _ = index[
        "attendance_by_session"
    ]
    assert title == POLICY.tables.tables["attendance_by_session"].title
    assert population.startswith("The linked cohort")
    assert dimensions == ["session", "delivery"]
    assert counts == ["n_expected", "n_attended"]
    assert (threshold, release_id) == (5, released.release_id)
    assert source.endswith("attendance")
    summary = query(database, "SELECT * FROM suppression_summary")
    assert summary[0] == ("funnel", 7, 1, "proven")
    assert ("attendance_by_session", 12, 4, "proven") in summary
    assert query(database, 'SELECT * FROM "release"') == [
        (
            released.release_id,
            2,
            builders.NOW,
            builders.CODE_VERSION,
            POLICY.digest,
            ["a" * 64, "b" * 64],
            False,
        )
    ]


def test_the_labelled_views_add_labels_only_where_codes_have_any(database: Path) -> None:
    labels = query(
        database, "SELECT DISTINCT reason, reason_label FROM non_assignment_labelled ORDER BY 1"
    )
    assert labels == [
        ("01", "Lives outside a roll-out borough"),
        ("02", "Risk assessed as unsuitable"),
        ("99", "Other"),
        ("Total", "Total"),
    ]
    assert query(database, "FROM funnel_labelled") == query(database, "FROM funnel")
    assert query(database, "SELECT scale FROM attitude_change_labelled")[0] == ("OFF",)


def test_an_answer_is_called_what_its_own_question_calls_it(tmp_path: Path) -> None:
    keys = [(question, "1") for question in ("M1", "X1", "X2", "X4")]
    frame = builders.table("experience", keys, {"n": [7] * 4, "percent": [None] * 4})
    path = publish(builders.data_folder(tmp_path), content({"experience": frame}, notes={})).path
    header, rows = read_csv((path / "csv" / "experience.csv").read_bytes())
    at = header.index("answer_label")
    questions = POLICY.questionnaire
    assert [row[at] for row in rows] == [
        "Very",
        "Very satisfied",
        questions.value_labels_likert["1"],
        "1 out of 10",
    ]
    view = query(path / "published.duckdb", "SELECT answer_label FROM experience_labelled")
    assert [label for (label,) in view] == [row[at] for row in rows]
    ((values,),) = query(
        path / "published.duckdb",
        "SELECT \"values\" FROM data_dictionary WHERE column_name = 'answer'",
    )
    assert "where question is M1: 1 = Very, 2 = Fairly" in values


def test_a_code_that_the_policy_does_not_name_still_has_a_label_that_is_no_number(
    tmp_path: Path,
) -> None:
    codes = ["00811", "10501", "Total"]
    keys = [(code, stage) for code in codes for stage in POLICY.dpia.cohort.stages]
    frames = {"funnel_by_offence": builders.table("funnel_by_offence", keys, {"n": [0] * 21})}
    path = publish(builders.data_folder(tmp_path), content(frames, notes={})).path
    header, rows = read_csv((path / "csv" / "funnel_by_offence.csv").read_bytes())
    assert header[:2] == ["offence", "offence_label"]
    assert dict(row[:2] for row in rows) == {
        "00811": POLICY.dpia.eligibility.offence_codes["00811"],
        "10501": "Other offence (10501)",
        "Total": "Total",
    }


def test_data_files_are_the_same_bytes_whenever_they_are_made(
    tmp_path: Path, released: Published
) -> None:
    folder = builders.data_folder(tmp_path)
    other = publish(
        folder, content(builders.tables(gate_open=True)), now=builders.NOW.replace(year=2024)
    )
    for form in ("csv", "parquet"):
        files = sorted((released.path / form).iterdir())
        assert len(files) == len(TABLES) * (2 if form == "csv" else 1)
        for path in files:
            assert (other.path / form / path.name).read_bytes() == path.read_bytes()


def test_databases_of_the_same_content_differ_in_the_release_table_only(tmp_path: Path) -> None:
    found = []
    for year in (2020, 2024):
        folder = builders.data_folder(tmp_path / str(year))
        path = publish(folder, now=builders.NOW.replace(year=year)).path / "published.duckdb"
        contents = builders.database_contents(path)
        assert contents.pop("release")[0][2].year == year
        found.append(contents)
    assert found[0] == found[1]


def test_the_record_and_the_package_describe_the_files_that_are_there(released: Published) -> None:
    record = json.loads((released.path / "release.json").read_text())
    assert record["id"] == released.release_id
    assert record["made_at"] == "2020-06-01T09:30:00Z"
    assert record["threshold"] == POLICY.dpia.thresholds.minimum_count
    assert re.fullmatch(r"r0001-[0-9a-f]{8}", record["previous"])
    assert record["structure"] == content().structure
    stages, gates = len(POLICY.dpia.cohort.stages), len(POLICY.dpia.gates)
    assert [table["rows"] for table in record["tables"]] == [stages, 12, 6, 2, 4, 4, gates]
    package = json.loads((released.path / "datapackage.json").read_text())
    charts = list((released.path / "charts").iterdir())
    assert charts
    names = {resource["name"] for resource in package["resources"]}
    workbook = list(released.path.glob("safer_streets_tables*"))
    files = 2 * len(TABLES) + len(charts) + len(workbook) + 1
    assert len(workbook) == 3
    assert len(names) == len(package["resources"]) == files
    for resource in package["resources"]:
        content_bytes = (released.path / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content_bytes)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content_bytes).hexdigest()}"
    for name in TABLES:
        path = released.path / "csv" / f"{name}.csv"
        metadata = json.loads(path.with_name(f"{name}.csv-metadata.json").read_text())
        columns = [column["name"] for column in metadata["tableSchema"]["columns"]]
        assert metadata["tableSchema"]["primaryKey"] == list(POLICY.tables.columns(name))
        assert metadata["url"] == path.name
        assert columns == path.read_text(encoding="utf-8").splitlines()[0].split(",")


def test_the_checksums_are_sorted_and_cover_every_other_file(released: Published) -> None:
    lines = (released.path / "SHA256SUMS").read_text().splitlines()
    names = [line.split("  ")[1] for line in lines]
    there = [p.relative_to(released.path).as_posix() for p in released.path.rglob("*.*")]
    assert names == sorted(there)
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((released.path / name).read_bytes()).hexdigest() == digest


def test_no_memory_of_the_process_gets_into_the_files(tmp_path: Path) -> None:
    """DuckDB writes whole blocks: what was in memory before must not fill them up."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE people AS SELECT 'A12345Z-' || hash(i) AS crn FROM range(300000) t(i)"
        )
    path = publish(builders.data_folder(tmp_path)).path
    for file in path.rglob("*.*"):
        assert b"A12345Z" not in file.read_bytes()


def test_the_days_of_the_roll_out_stand_beside_the_tables(database: Path) -> None:
    rows = query(database, "SELECT borough, opened FROM roll_out")
    assert dict(rows) == POLICY.dpia.opening_dates
