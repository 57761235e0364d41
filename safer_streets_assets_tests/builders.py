"""Shared parts of the tests: data folders, small drops as agencies send them, taking them in."""

from __future__ import annotations

import csv
import functools
import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import duckdb
import openpyxl
import pytest

from safer_streets_assets.cohort import winning_rows
from safer_streets_assets.cohort.conformed import Versions, conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.intake import landing
from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.intake.intake_counts import TakenIn
from safer_streets_assets.intake.landing import look_at_landing
from safer_streets_assets.intake.raw_tables import load_staged
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.intake.staging import position_of, stage_rows
from safer_streets_assets.intake.take_in import prepare_intake, register_landing, take_in
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores

NPS, CRC = "nps_court_outcomes", "crc_eligibility"
ATTENDEE, CHECKIN = "ors_attendee_survey", "ors_facilitator_checkin"
TRAINING, NOVO, MPS = "training_feedback", "mtc_novo", "mps_reoffending"
NOON = datetime(2021, 1, 4, 12)
EVERY_MOMENT = os.environ.get("SAFER_STREETS_EVERY_MOMENT") == "1"
"""Whether tests that kill a step do so at all of its moments, not only at some."""

Row = Mapping[str, Any]

NPS_ROW: Row = {
    "Offender Management Team": "Lambeth Cluster 1",
    "Offender Manager Name": "Priya Nandakumar",
    "CRN": "A100001",
    "Offender Name": "FENWICK, Darnell",
    "Gender": "M",
    "Date of Birth": "12/03/1995",
    "Borough": "Lambeth",
    "Disposal Date": "13/01/2020",
    "Offence Code": "00826",
    "Offence Description": "Having an article with blade or point in public place",
    "Proposed Sentence": "Community Order",
    "Resulting Sentence": "Community Order",
    "Court": "Thames Magistrates' Court",
}
CRC_ROW: Row = {
    "Team": "Lambeth Cluster 1",
    "Offender Manager": "Priya Nandakumar",
    "CRN": "A100001",
    "Name": "FENWICK, Darnell",
    "DOB": "12/03/1995",
    "Gender": "Male",
    "Borough of residence": "Lambeth",
    "Sentence date": "13/01/2020",
    "Sentence type": "Community Order",
    "RAR days": "20",
    "Offence code": "00826",
    "Assigned to Safer Streets?": "Yes",
    "If not assigned: reason code": None,
    "One-to-one?": "No",
    "If one-to-one: reason code": None,
    "Start date": "03/02/2020",
    "Sessions attended": "7",
    "Outcome": "In progress",
    "Outcome date": None,
}
CHECKIN_ROW: Row = {
    "ResponseID": "501001",
    "SessionDate": "03/02/2020",
    "CRN": "A100001",
    "Session": "1",
    "Attended": "Yes",
    "Engagement": "4",
    "Delivery": "Group",
    "Comments": None,
}
RESPONSE_ROW: Row = {
    "respid": "10001",
    "status": "1",
    "wave": "1",
    "CRN": "A100001",
    "InterviewStart": "03/02/2020 10:15",
    "InterviewEnd": "03/02/2020 10:31",
    **{f"A{i}": "3" for i in range(1, 6)},
    **{f"K{i}": "3" for i in range(1, 6)},
    **{f"G{i}": "3" for i in range(1, 5)},
    **{f"W{i}": "6" for i in range(1, 5)},
    "M2": None,
    "X5": None,
}
FORM_ROW: Row = {
    "Form": "1",
    "Training date": "01/10/2019",
    "Role": "Facilitator",
    "Aims clear": "4",
    "Confident to deliver": "4",
    "Materials": "3",
    "Pace": "3",
    "Overall": "4",
    "Most useful": "Role play",
    "Improve": "More time",
}
STUDY_ROW: Row = {
    "Reference": "CS01",
    "Respondent": "Attendee",
    "Theme": "Engagement",
    "Summary": "Anonymised summary of an interview",
}
BASE_ROWS: dict[str, Row] = {
    NPS: NPS_ROW,
    CRC: CRC_ROW,
    ATTENDEE: RESPONSE_ROW,
    CHECKIN: CHECKIN_ROW,
    TRAINING: FORM_ROW,
    NOVO: STUDY_ROW,
}


@functools.cache
def shipped_policy() -> Policy:
    """The policy that ships with the package, loaded once; files settle without a wait."""
    policy = load_policy()
    intake = policy.dpia.intake.model_copy(update={"settle_seconds": 0.0})
    return replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))


def borough_not_open() -> str:
    """A borough in which the programme opens on no date of the shipped policy."""
    policy = shipped_policy()
    words = policy.word_lists[policy.dpia.roll_out.words].words
    return next(word for word in words if word not in policy.dpia.opening_dates)


def data_folder(root: Path) -> DataFolder:
    """An empty data folder with its keys inside."""
    return DataFolder(root=root, keys=root / "keys").prepare()


def rows_of(source: str, *changes: Row) -> list[dict[str, Any]]:
    """One row a mapping: the source's plain row, changed as the mapping says."""
    return [{**BASE_ROWS[source], **change} for change in changes]


def crn(number: int) -> str:
    """The CRN of the person of that number."""
    return f"A{100000 + number:06}"


def people_rows(source: str, how_many: int, first: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Rows about that many different people; `changes` apply to all of them."""
    ids = {CHECKIN: "ResponseID", ATTENDEE: "respid"}
    rows = []
    for number in range(first, first + how_many):
        row = {**BASE_ROWS[source], "CRN": crn(number), **changes}
        if source in ids:
            row[ids[source]] = str(10000 + number)
        rows.append(row)
    return rows


def csv_drop(rows: Sequence[Row], columns: Sequence[str] | None = None) -> bytes:
    """Rows as a CSV file in UTF-8."""
    out = io.StringIO(newline="")
    names = list(columns if columns is not None else dict.fromkeys(k for row in rows for k in row))
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows([{k: "" if v is None else v for k, v in row.items()} for row in rows])
    return out.getvalue().encode()


def workbook_drop(
    sheet: str, rows: Sequence[Row], above: Sequence[Sequence[Any]] = (), **others: Any
) -> bytes:
    """Rows as an XLSX workbook with title rows above the header; `others` are further sheets."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    names = list(dict.fromkeys(k for row in rows for k in row))
    for line in (*above, names, *([row.get(name) for name in names] for row in rows)):
        page.append(list(line))
    for name, lines in others.items():
        extra = book.create_sheet(name)
        for line in lines:
            extra.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def crc_workbook(rows: Sequence[Row], position: str = "30 November 2019") -> bytes:
    """A workbook as London CRC sends it."""
    above = (["OFFICIAL SENSITIVE"], [f"Position at {position}"], [])
    return workbook_drop("Eligibility", rows, above, Guidance=[["One line for each case"]])


def put(folder: DataFolder, source: str, name: str, content: bytes) -> Path:
    """Saves a drop into the landing, as a person would."""
    place = folder.landing / source / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def settle_landing(folder: DataFolder) -> None:
    """Looks at the landing as if an hour ago, so that the next look finds everything settled."""
    an_hour_ago = landing.clock_ns() - 3600 * 10**9
    with patch.object(landing, "clock_ns", lambda: an_hour_ago):
        look_at_landing(folder)


@contextmanager
def opened(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every store of a data folder, for writing."""
    with open_stores(folder, write=STORE_NAMES) as connection:
        yield connection


@contextmanager
def stores_in_memory(policy: Policy | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty stores in memory: the same SQL without files, for tests that need many of them."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        for store in STORE_NAMES:
            connection.execute(f"ATTACH ':memory:' AS {store}")
        prepare_intake(connection, policy or shipped_policy())
        yield connection
    finally:
        connection.close()


def take_in_settled(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> dict[str, TakenIn]:
    """Takes in what has settled; refusals stand under the empty name."""
    with once(taking.prepare_intake):
        _, refused = register_landing(connection, folder, policy)
        return {"": refused, **{n: take_in(connection, folder, policy, n) for n in policy.sources}}


@contextmanager
def once(*functions: Callable[..., None], where: ModuleType = taking) -> Iterator[None]:
    """Within the block, calls of these functions from a module do their work once only. They make
    on a connection what all sources need, and each source asks for it, as in a run each has a
    connection of its own: to make it anew takes a third of what a small drop costs."""
    with pytest.MonkeyPatch.context() as patched:
        for function in functions:
            patched.setattr(where, function.__name__, _first_call_of(function))
        yield


def _first_call_of(function: Callable[..., None]) -> Callable[..., None]:
    done = False

    def call(*arguments: Any) -> None:
        nonlocal done
        if not done:
            function(*arguments)
            done = True

    return call


def take_in_everything(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy | None = None
) -> dict[str, TakenIn]:
    """Looks once, so that everything has settled on the second look, and takes it in."""
    look_at_landing(folder)
    return take_in_settled(connection, folder, policy or shipped_policy())


def load_rows(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    rows: Sequence[Row],
    *,
    drop: int = 1,
    policy: Policy | None = None,
    identifying: Collection[int] = (),
    ragged: Sequence[int] = (),
) -> tuple[int, int]:
    """Loads rows as the drop of that number (later numbers arrive later): no file, no reader.

    Returns rows read and rows set aside. Row numbers begin at 2, as below a header.
    """
    policy = policy or shipped_policy()
    agreed = policy.sources[source]
    read = ReadDrop(
        format="csv",
        columns={
            field.name: [
                next((row[h] for h in field.headers if row.get(h) is not None), None)
                for row in rows
            ]
            for field in agreed.fields
        },
        row_numbers=list(range(2, len(rows) + 2)),
        position_date=None,
        ragged_rows=list(ragged),
    )
    counts = stage_rows(connection, agreed, policy, read, identifying)
    load_staged(
        connection,
        source,
        agreed,
        drop_id=f"{source}-{drop}",
        arrived_at=NOON + timedelta(days=drop),
        drop=read,
        position_date=position_of(connection, policy, agreed, read),
    )
    return counts


def build_cohort(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, *sources: str
) -> dict[str, Versions]:
    """Pseudonyms, the conformed tables of the sources (of all when none is named), the cohort."""
    policy = shipped_policy()
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    make_pseudonyms(connection, folder, policy)
    with once(define_macros, where=winning_rows):
        versions = {name: conform(connection, policy, name) for name in sources or policy.sources}
    if not sources or {NPS, CRC} <= set(sources):
        link_cohort(connection, policy)
    return versions


def open_gates(connection: duckdb.DuckDBPyConnection) -> None:
    """A research store of hand-made people in which every stage has gathered enough."""
    gates = ", ".join(f"('{gate.name}', true)" for gate in shipped_policy().dpia.gates)
    connection.execute(
        f"CREATE OR REPLACE TABLE research.stage_gates AS FROM (VALUES {gates}) AS g(gate, open)"
    )


def fetch(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(query, list(values)).fetchall()


def set_aside(connection: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Row number to reasons of the rows set aside."""
    found = fetch(connection, "SELECT row_number, reasons FROM restricted.set_aside_rows")
    return dict(found)


def ledger(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Source, state and reason of every drop on the ledger, sorted."""
    query = "SELECT source, state, reason FROM registers.drops ORDER BY ALL"
    return fetch(connection, query)


def every_text(connection: duckdb.DuckDBPyConnection, *stores: str) -> Iterator[str]:
    """Every value of every table of the stores, as text."""
    tables = fetch(
        connection,
        "SELECT database_name, table_name FROM duckdb_tables() "
        "WHERE list_contains($1, database_name) ORDER BY ALL",
        list(stores),
    )
    for store, table in tables:
        for row in connection.execute(f'SELECT * FROM {store}."{table}"').fetchall():
            yield from (str(value) for value in row if value is not None)


def bytes_under(root: Path) -> dict[str, bytes]:
    """Path to content of every file below a folder."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def digests_under(root: Path) -> dict[str, str]:
    """Path to a digest of the content of every file below a folder: what differs is said in a line,
    where a comparison of megabytes takes minutes."""
    return {name: sha256(content).hexdigest() for name, content in bytes_under(root).items()}


def one_quickly(cases: Iterable[Any]) -> list[Any]:
    """Parameters: the first case is quick, and the others, which take as long, are thorough."""
    first, *others = cases
    return [first, *(pytest.param(one, marks=pytest.mark.thorough) for one in others)]


def raising_at(call: int, error: BaseException, real: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but its call of that number (from 1) raises."""
    calls = 0

    def wrapped(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        return real(*args, **named)

    return wrapped


@pytest.fixture
def policy() -> Policy:
    """The policy that ships with the package."""
    return shipped_policy()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """An empty data folder."""
    return data_folder(tmp_path / "data")


@pytest.fixture
def stores(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """The encrypted stores of `folder`, open for writing."""
    with opened(folder) as connection:
        yield connection


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty stores in memory, prepared for intake."""
    with stores_in_memory() as connection:
        yield connection


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The data and key folders of whoever runs the tests are not touched."""
    for name in ("SAFER_STREETS_DATA", "SAFER_STREETS_KEYS", "SAFER_STREETS_DROP_PASSWORDS"):
        monkeypatch.delenv(name, raising=False)


def one_thread() -> Iterator[None]:
    """A fixture's work: DuckDB shares the work of each query out to a thread for each core, which
    costs a third of it where rows are few; here one does it. Commands in processes of their own
    have all threads."""
    real = duckdb.connect

    def connect(database: str = ":memory:", **options: Any) -> duckdb.DuckDBPyConnection:
        config = {**options.pop("config", {}), "threads": 1}
        return real(database, config=config, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", connect)
        yield
