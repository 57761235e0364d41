"""Each drop is on the ledger once, with what became of it, and the landing empties when it may."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import ledger as ledger_module
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.ledger import register_arrivals
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    MPS,
    NPS,
    csv_drop,
    fetch,
    ledger,
    people_rows,
    put,
    take_in_everything,
    take_in_settled,
)

GOOD = csv_drop(people_rows(NPS, 3))
NO_COURT = csv_drop([{k: v for k, v in r.items() if k != "Court"} for r in people_rows(NPS, 2)])

pytestmark = pytest.mark.usefixtures("quick_reader")


def drop_id(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def landed(folder: DataFolder) -> list[str]:
    return sorted(path.name for path in folder.landing.rglob("*") if path.is_file())


def unsealed(folder: DataFolder, content: bytes) -> bytes:
    """What the quarantine holds of a drop."""
    name = drop_id(content)
    key = Keys(folder.keys).read(key_name(name))
    return unseal(folder.quarantine / sealed_path_name(name), key)


def test_a_loaded_drop_is_recorded_with_its_counts(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    rows = people_rows(NPS, 9) + people_rows(NPS, 1, first=50, Gender="7")
    content = csv_drop([{**row, "Ethnicity": "W1"} for row in rows])
    put(folder, NPS, "drop.csv", content)
    take_in_everything(memory, folder)
    query = (
        "SELECT drop_id, source, state, reason, sentence, position_date::VARCHAR, format, bytes, "
        "rows_read, rows_loaded, rows_set_aside, columns_dropped FROM registers.drops"
    )
    assert fetch(memory, query) == [
        (
            drop_id(content),
            NPS,
            "loaded",
            None,
            None,
            "2020-01-13",
            "csv",
            len(content),
            10,
            9,
            1,
            1,
        )
    ]
    assert fetch(memory, "SELECT * FROM registers.set_aside_counts") == [
        (drop_id(content), "R-CODE", 1)
    ]
    [(arrived, decided)] = fetch(memory, "SELECT arrived_at, decided_at FROM registers.drops")
    assert arrived <= decided
    assert landed(folder) == []


@pytest.mark.thorough
def test_a_drop_sent_again_is_on_the_ledger_once_and_loaded_once(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, NPS, "drop.csv", GOOD)
    put(folder, NPS, "copy of drop.csv", GOOD)
    take_in_everything(memory, folder)
    for name in ("drop.csv", "drop again.csv", "2020/drop.csv"):
        path = put(folder, NPS, name, GOOD)
        os.utime(path, (1_700_000_000 + len(name), 1_700_000_000 + len(name)))
        taken = take_in_everything(memory, folder)[NPS]
        assert taken.loaded == 0
        assert landed(folder) == []
    assert ledger(memory) == [(NPS, "loaded", None)]
    assert fetch(memory, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") == [(3,)]
    assert fetch(memory, "SELECT count(DISTINCT send_id) FROM registers.sends") == [(5,)]
    assert fetch(memory, "SELECT count(*) FROM restricted.arrivals") == [(0,)]


def test_a_quarantined_drop_is_sealed_whole_and_gone_from_the_landing(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, NPS, "Zebedee Quillfeather.csv", NO_COURT)
    taken = take_in_everything(memory, folder)[NPS]
    assert (taken.quarantined, taken.rows_loaded, taken.rows_set_aside) == (1, 0, 0)
    assert landed(folder) == []
    assert unsealed(folder, NO_COURT) == NO_COURT
    [sealed] = list(folder.quarantine.iterdir())
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert sealed.name == f"{drop_id(NO_COURT)}.sealed"
    assert fetch(memory, "SELECT * FROM restricted.quarantined_drops") == [
        (drop_id(NO_COURT), "Zebedee Quillfeather.csv")
    ]
    others = [p for p in folder.root.rglob("*") if p.is_file() and p.suffix != ".key"]
    assert not [p for p in others if b"Quillfeather" in p.read_bytes() or "Quill" in p.name]


def test_every_other_drop_goes_on(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> None:
    put(folder, NPS, "a empty.csv", b"")
    put(folder, NPS, "b garbage.xlsx", bytes(range(256)) * 16)
    put(folder, NPS, "c good.csv", GOOD)
    put(folder, NPS, "d no court.csv", NO_COURT)
    put(folder, CHECKIN, "good.csv", csv_drop(people_rows(CHECKIN, 2)))
    take_in_everything(memory, folder)
    states = [(source, state) for source, state, _ in ledger(memory)]
    quarantined = [(NPS, "quarantined")] * 3
    assert states == [(NPS, "loaded"), *quarantined, (CHECKIN, "loaded")]
    assert landed(folder) == []


def test_a_quarantined_drop_that_comes_again_is_tried_again(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    source = policy.dpia.sources[NPS]
    fields = [f.model_copy(update={"required": False}) for f in source.fields]
    sources = {**policy.dpia.sources, NPS: source.model_copy(update={"fields": fields})}
    lenient = replace(policy, dpia=policy.dpia.model_copy(update={"sources": sources}))
    put(folder, NPS, "drop.csv", NO_COURT)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "quarantined", "F-NO-COLUMN")]
    put(folder, NPS, "drop.csv", NO_COURT)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "quarantined", "F-NO-COLUMN")]
    put(folder, NPS, "drop.csv", NO_COURT)
    take_in_everything(memory, folder, lenient)
    assert ledger(memory) == [(NPS, "loaded", None)]
    assert fetch(memory, "SELECT sentence, rows_loaded FROM registers.drops") == [(None, 2)]
    assert landed(folder) == []


def test_a_drop_moved_to_the_folder_of_its_source_is_recorded_under_that_source(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, CRC, "misfiled.csv", GOOD)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(CRC, "quarantined", "D-OTHER-SOURCE")]
    put(folder, NPS, "refiled.csv", GOOD)
    take_in_everything(memory, folder)
    assert fetch(memory, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") == [(3,)]
    assert ledger(memory) == [(NPS, "loaded", None)]


def test_a_drop_refused_from_an_unknown_folder_can_be_moved_to_its_source(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, "nps", "misfiled.csv", GOOD)
    take_in_everything(memory, folder)
    assert ledger(memory) == [("unknown", "refused", "D-UNKNOWN-SOURCE")]
    put(folder, NPS, "refiled.csv", GOOD)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "loaded", None)]


def test_a_drop_in_its_own_folder_and_in_a_wrong_one_is_loaded(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, NPS, "drop.csv", GOOD)
    put(folder, MPS, "drop.csv", GOOD)
    take_in_everything(memory, folder)
    assert fetch(memory, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") == [(3,)]
    assert ledger(memory) == [(NPS, "loaded", None)]


def test_a_file_changed_between_settling_and_reading_is_never_loaded_under_the_old_hash(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    path = put(folder, NPS, "drop.csv", GOOD)
    look_at_landing(folder)
    register_landing(memory, folder, policy)
    changed = csv_drop(people_rows(NPS, 5, first=70))
    path.write_bytes(changed)
    take_in(memory, folder, policy, NPS)
    loaded = fetch(memory, "SELECT DISTINCT drop_id FROM restricted.nps_court_outcomes_raw")
    assert loaded in ([], [(drop_id(changed),)])
    take_in_everything(memory, folder)
    query = "SELECT drop_id, count(*) FROM restricted.nps_court_outcomes_raw GROUP BY 1"
    assert fetch(memory, query) == [(drop_id(changed), 5)]
    assert landed(folder) == []


def test_a_file_replaced_before_a_run_that_failed_is_tried_again_is_its_own_drop(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    path = put(folder, NPS, "drop.csv", GOOD)
    look_at_landing(folder)
    register_landing(memory, folder, policy)  # and the run ends here
    changed = csv_drop(people_rows(NPS, 5, first=70))
    path.write_bytes(changed)
    look_at_landing(folder)
    take_in_settled(memory, folder, policy)
    take_in_everything(memory, folder)
    query = "SELECT drop_id, count(*) FROM restricted.nps_court_outcomes_raw GROUP BY 1"
    assert fetch(memory, query) == [(drop_id(changed), 5)]
    assert landed(folder) == []
    assert fetch(memory, "SELECT count(*) FROM registers.drops WHERE state = 'arrived'") == [(0,)]


def test_a_file_that_goes_while_it_is_registered_does_not_stop_the_others(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = put(folder, NPS, "Zebedee Quillfeather.csv", NO_COURT)
    put(folder, NPS, "b.csv", GOOD)
    real = ledger_module.drop_id_of

    def gone(path: Path) -> str:
        if path == going:
            path.unlink(missing_ok=True)
        return real(path)

    monkeypatch.setattr(ledger_module, "drop_id_of", gone)
    taken = take_in_everything(memory, folder)
    assert taken[""].unreadable == 1
    assert ledger(memory) == [(NPS, "loaded", None)]


def test_a_file_that_went_after_it_was_registered_is_not_called_unreadable_for_ever(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    path = put(folder, NPS, "drop.csv", GOOD)
    look_at_landing(folder)
    register_landing(memory, folder, policy)
    path.unlink()
    take_in(memory, folder, policy, NPS)
    put(folder, NPS, "drop.csv", GOOD)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "loaded", None)]


@pytest.mark.parametrize("name", [b"NPS \xff\xfe.csv", "Núñez 🗡 'x'\n.csv".encode()])
@pytest.mark.parametrize("content", [GOOD, NO_COURT], ids=["loaded", "quarantined"])
def test_a_file_of_any_name_is_taken_in(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, name: bytes, content: bytes
) -> None:
    base = folder.landing / NPS
    base.mkdir()
    with open(os.path.join(os.fsencode(base), name), "wb") as stream:
        stream.write(content)
    take_in_everything(memory, folder)
    [(_, state, _)] = ledger(memory)
    assert state == ("loaded" if content == GOOD else "quarantined")
    assert os.listdir(base) == []


def test_a_file_put_under_the_name_of_one_taken_in_is_left_alone(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder, NPS, "drop.csv", GOOD)
    other = csv_drop(people_rows(NPS, 4, first=30))
    real = ledger_module.clear_landing

    def replaced_first(connection: duckdb.DuckDBPyConnection, found: str, source: str) -> None:
        path.write_bytes(other)
        real(connection, found, source)

    with monkeypatch.context() as patched:
        patched.setattr("safer_streets_assets.intake.take_in.clear_landing", replaced_first)
        take_in_everything(memory, folder)
    assert path.read_bytes() == other
    take_in_everything(memory, folder)
    assert fetch(memory, "SELECT count(*) FROM restricted.nps_court_outcomes_raw") == [(7,)]
    assert landed(folder) == []


def test_a_file_taken_in_is_overwritten_before_it_goes(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    with ExitStack() as still_open:
        files = [
            still_open.enter_context(put(folder, NPS, name, content).open("rb"))
            for name, content in (("good.csv", GOOD), ("bad.csv", NO_COURT))
        ]
        take_in_everything(memory, folder)
        lefts = [file.read() for file in files]
    for left in lefts:
        assert left
        assert b"FENWICK" not in left
        assert b"A100001" not in left


def test_nothing_that_is_still_arriving_is_touched(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    put(folder, NPS, "drop.csv", GOOD)
    take_in_settled(memory, folder, policy)
    assert ledger(memory) == []
    assert landed(folder) == ["drop.csv"]


def test_the_registers_hold_no_file_name_path_or_value(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    put(folder, NPS, "Zebedee Quillfeather Q918273.csv", NO_COURT)
    put(folder, "Zebedee Quillfeather", "Q918273.csv", b"CRN\nQ918273\n")
    put(folder, NPS, "FENWICK.csv", GOOD)
    take_in_everything(memory, folder)
    texts = [
        str(value)
        for table in ("drops", "sends", "set_aside_counts")
        for row in fetch(memory, f"SELECT * FROM registers.{table}")
        for value in row
    ]
    for planted in ("Quillfeather", "Q918273", "FENWICK", "A100001", "landing"):
        assert not [text for text in texts if planted in text]


def test_registering_takes_as_many_statements_for_many_files_as_for_few(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    said: list[str] = []

    class Counting:
        def execute(self, query: str, *args: Any) -> Any:
            said.append(query)
            return memory.execute(query, *args)

    counts = []
    for number, many in enumerate((2, 200)):
        for file in range(many):
            put(folder, NPS, f"{number} {file}.csv", f"{number} {file}".encode())
        look_at_landing(folder)
        said.clear()
        counting: Any = Counting()
        settled = look_at_landing(folder).settled
        register_arrivals(counting, folder, settled, policy.dpia.sources, now_utc())
        counts.append(len(said))
    assert counts[0] == counts[1]
    assert fetch(memory, "SELECT count(*) FROM registers.drops") == [(202,)]
    assert fetch(memory, "SELECT count(*) FROM registers.sends") == [(202,)]
