"""Only agreed fields are held; a column outside the agreement is never stored anywhere."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.stores import STORE_NAMES, DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CRC,
    NPS,
    crc_workbook,
    csv_drop,
    data_folder,
    every_text,
    fetch,
    opened,
    people_rows,
    put,
    take_in_everything,
    workbook_drop,
)

CANARY = "Canary-Wharf-Road-4711"


def drops() -> dict[str, bytes]:
    outside = {"Home Address": CANARY, "Ethnicity": CANARY, "PNC ID": CANARY}
    bad = [{**row, "Gender": "7"} for row in people_rows(NPS, 1, first=90, **outside)]
    return {
        NPS: csv_drop(people_rows(NPS, 9, **outside) + bad),
        CRC: crc_workbook(people_rows(CRC, 3, **outside)),
        ATTENDEE: workbook_drop(
            "Data",
            people_rows(ATTENDEE, 3, device=CANARY, serial=CANARY, lang=CANARY),
            Values=[["Variable", CANARY]],
        ),
    }


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The drops, taken in."""
    folder = data_folder(tmp_path_factory.mktemp("taken") / "data")
    for source, content in drops().items():
        put(folder, source, f"drop {CANARY}", content)
    with opened(folder) as connection:
        take_in_everything(connection, folder)
    return folder


def test_a_column_outside_the_agreement_is_in_no_table(taken: DataFolder) -> None:
    with opened(taken) as connection:
        for source, rows in ((NPS, 9), (CRC, 3), (ATTENDEE, 3)):
            counted = fetch(connection, f"SELECT count(*) FROM restricted.{raw_table(source)}")
            assert counted == [(rows,)]
        assert not [t for t in every_text(connection, *STORE_NAMES) if CANARY in t]


def test_a_column_outside_the_agreement_is_in_no_byte_on_disk(taken: DataFolder) -> None:
    files = [path for path in taken.root.rglob("*") if path.is_file()]
    assert files
    assert not [p for p in files if CANARY.encode() in p.read_bytes() or CANARY in p.name]
    assert list(taken.landing.rglob("*.csv")) == []


def test_the_drops_record_says_which_columns_were_dropped(taken: DataFolder) -> None:
    with opened(taken) as connection:
        dropped = dict(
            fetch(connection, "SELECT source, dropped_headers FROM restricted.loaded_drops")
        )
        counted = dict(fetch(connection, "SELECT source, columns_dropped FROM registers.drops"))
    assert {source: sorted(names) for source, names in dropped.items()} == {
        NPS: ["Ethnicity", "Home Address", "PNC ID"],
        CRC: ["Ethnicity", "Home Address", "PNC ID"],
        ATTENDEE: ["device", "lang", "serial"],
    }
    assert counted == {NPS: 3, CRC: 3, ATTENDEE: 3}


def test_header_case_spacing_and_order_do_not_matter(
    folder: DataFolder, stores: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    rows = people_rows(NPS, 2)
    plain = csv_drop(rows)
    odd = [
        {f" {name.upper()}  ".replace(" ", "  "): v for name, v in reversed(row.items())}
        for row in people_rows(NPS, 2)
    ]
    put(folder, NPS, "plain.csv", plain)
    put(folder, NPS, "odd.csv", csv_drop(odd))
    assert take_in_everything(stores, folder)[NPS].loaded == 2
    columns = "crn_key, borough, court, disposal_date, offender_name"
    query = f"SELECT {columns}, count(*) FROM restricted.nps_court_outcomes_raw GROUP BY ALL"
    assert [row[-1] for row in fetch(stores, query)] == [2, 2]


@pytest.mark.parametrize("missing", ["CRN", "Date of Birth", "Court"])
def test_a_missing_required_column_quarantines_the_drop_and_is_named(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object, missing: str
) -> None:
    rows = [{k: v for k, v in row.items() if k != missing} for row in people_rows(NPS, 2)]
    put(folder, NPS, "drop.csv", csv_drop(rows))
    take_in_everything(memory, folder)
    [(state, reason, sentence)] = fetch(
        memory, "SELECT state, reason, sentence FROM registers.drops"
    )
    assert (state, reason) == ("quarantined", "F-NO-COLUMN")
    assert f"'{missing}'" in sentence
    assert fetch(memory, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") == [(0,)]


def test_an_optional_column_may_be_absent(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    rows = [{k: v for k, v in row.items() if k != "Offender Name"} for row in people_rows(NPS, 2)]
    put(folder, NPS, "drop.csv", csv_drop(rows))
    assert take_in_everything(memory, folder)[NPS].loaded == 1
    names = fetch(memory, "SELECT DISTINCT offender_name FROM restricted.nps_court_outcomes_raw")
    assert names == [(None,)]


def test_no_raw_table_has_a_column_that_is_not_agreed(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    found = fetch(
        memory,
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE ends_with(table_name, '_raw')",
    )
    names = {name for (name,) in found}
    assert {"crn", "crn_key", "drop_id", "a1"} <= names
    assert not names & {"ethnicity", "home_address", "pnc_id", "serial", "device", "lang"}


def test_nothing_is_written_outside_the_data_folder(taken: DataFolder) -> None:
    assert [path.name for path in taken.root.parent.iterdir()] == ["data"]
