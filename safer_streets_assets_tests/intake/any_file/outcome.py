"""Takes in a group of cases in one data folder, as one look would; what became of them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.reasons import QUARANTINED_FOR
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NPS,
    data_folder,
    fetch,
    opened,
    take_in_everything,
)
from safer_streets_assets_tests.intake.any_file.cases import Case, is_sentence_for
from safer_streets_assets_tests.privacy.traces import (
    database_texts,
    found_in,
    traces,
)

# The date and the text that tell whether a row was read as it was written.
_TELLING = {
    NPS: ("disposal_date", "offender_name"),
    CRC: ("sentence_date", "name"),
    CHECKIN: ("session_date", "comments"),
    ATTENDEE: ("interview_start", "A1 || ' ' || M2"),
}
_LEDGER = "state, reason, sentence, format, rows_read, rows_loaded, rows_set_aside"


@dataclass(frozen=True)
class Outcome:
    """What became of the files: by drop, and the canaries found in and outside of the store."""

    folder: DataFolder
    drops: dict[str, str]
    ledger: dict[str, tuple[Any, ...]]
    rows: dict[str, list[tuple[Any, ...]]]
    aside: dict[str, dict[str, int]]
    entered: dict[str, set[str]]
    file_names: dict[str, str]
    inside: set[str]
    outside: dict[str, set[str]]
    output: set[str]
    left: set[str]


def take_in_cases(root: Path, cases: Collection[Case], policy: Policy | None = None) -> Outcome:
    """Puts every case into the landing of a new data folder and takes them all in at once."""
    folder = data_folder(root / "data")
    drops = {}
    for case in cases:
        content = case.make(case.people)
        drops[case.title] = save(folder, case.place, case.name, content)
    assert len(set(drops.values())) == len(cases), "two cases are the same bytes"
    return taken(folder, drops, root, policy)


def save(folder: DataFolder, place: str, name: bytes, content: bytes) -> str:
    """Saves a file into the landing under any bytes as its name; returns the id of the drop."""
    where = folder.landing / place
    where.mkdir(parents=True, exist_ok=True)
    with open(os.fsencode(where) + b"/" + name, "wb") as stream:
        stream.write(content)
    return hashlib.sha256(content).hexdigest()


def taken(
    folder: DataFolder, drops: dict[str, str], root: Path, policy: Policy | None = None
) -> Outcome:
    """Takes in what lies in the landing, and looks everywhere afterwards."""
    with everything_said(root) as said:
        with opened(folder) as connection:
            take_in_everything(connection, folder, policy)
            define_macros(connection)
            found = _found(connection)
            inside = [*database_texts(connection, "restricted")]
        output = found_in(said())
    beside = [place for place in folder.root.iterdir() if place != folder.landing]
    outside = traces(*beside, root / "temporary")
    return Outcome(
        folder=folder,
        drops=drops,
        inside=set().union(*map(found_in, inside)),
        outside=outside,
        output=output,
        left={
            os.fsencode(p.relative_to(folder.landing)).decode("utf-8", "backslashreplace")
            for p in folder.landing.rglob("*")
            if not p.is_dir() or p.is_symlink()
        },
        **found,
    )


def _found(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    rows: dict[str, list[tuple[Any, ...]]] = {}
    entered: dict[str, set[str]] = {}
    for source, (date, text) in _TELLING.items():
        query = (
            f"SELECT drop_id, crn_key, parse_date({date})::VARCHAR, {text} "
            f"FROM restricted.{raw_table(source)} ORDER BY drop_id, row_number"
        )
        for drop_id, *values in fetch(connection, query):
            rows.setdefault(drop_id, []).append(tuple(values))
        for drop_id, *values in fetch(connection, f"FROM restricted.{raw_table(source)}"):
            entered.setdefault(drop_id, set()).update(found_in(repr(values).encode()))
    for drop_id, values in fetch(
        connection, "SELECT drop_id, values_sent FROM restricted.set_aside_rows"
    ):
        entered.setdefault(drop_id, set()).update(found_in(values.encode()))
    aside: dict[str, dict[str, int]] = {}
    for drop_id, reason, count in fetch(
        connection, "SELECT drop_id, reason, row_count FROM registers.set_aside_counts"
    ):
        aside.setdefault(drop_id, {})[reason] = count
    lines = fetch(connection, f"SELECT drop_id, {_LEDGER} FROM registers.drops")
    names = fetch(connection, "SELECT drop_id, file_name FROM restricted.quarantined_drops")
    return {
        "rows": rows,
        "entered": entered,
        "aside": aside,
        "ledger": {drop_id: tuple(line) for drop_id, *line in lines},
        "file_names": dict(names),
    }


@contextlib.contextmanager
def everything_said(root: Path) -> Iterator[Any]:
    """What is logged, printed, warned of or written to a temporary file, meanwhile.

    Gives a function that returns all of it as bytes. Child processes write to the same places.
    """
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    written = root / "said"
    (root / "temporary").mkdir(exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with (
        written.open("wb") as stream,
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(logged),
        contextlib.redirect_stderr(logged),
    ):
        patch.setenv("TMPDIR", str(root / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        warnings.simplefilter("always")
        logging.getLogger().addHandler(handler)
        level = logging.getLogger().level
        logging.getLogger().setLevel(logging.DEBUG)
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
        try:
            yield lambda: b"\n".join(
                [
                    logged.getvalue().encode(),
                    written.read_bytes(),
                    repr([str(each.message) for each in warned]).encode(),
                ]
            )
        finally:
            for number, old in enumerate(kept, 1):
                os.dup2(old, number)
                os.close(old)
            logging.getLogger().setLevel(level)
            logging.getLogger().removeHandler(handler)


def assert_ends_as_it_should(case: Case, outcome: Outcome) -> None:
    """State, code, sentence, counts and values of one case, and what is left of its file."""
    drop_id = outcome.drops[case.title]
    state, code, sentence, kind, read, loaded, aside = outcome.ledger[drop_id]
    assert code in (case.codes or (case.code,))
    if code is None:
        assert (state, sentence, kind) == ("loaded", None, case.kind)
        assert (read, loaded, aside) == (case.rows, case.good_rows, case.rows - case.good_rows)
        assert outcome.aside.get(drop_id, {}) == case.aside
        assert outcome.rows[drop_id] == case.expected
    else:
        refused = code.startswith("D-") and code not in QUARANTINED_FOR
        assert state == ("refused" if refused else "quarantined")
        assert is_sentence_for(sentence, code, case.headers)
        assert (loaded, aside) == (None, None)
        assert drop_id not in outcome.rows
        assert drop_id not in outcome.aside
        assert outcome.file_names[drop_id] == case.name.decode("utf-8", "backslashreplace")
        assert (outcome.folder.quarantine / f"{drop_id}.sealed").stat().st_size > 0
    left = case.name.decode("utf-8", "backslashreplace")
    assert not [name for name in outcome.left if name.endswith(left)], "the landing is cleared"


def assert_seen_in_the_store_alone(case: Case, outcome: Outcome) -> None:
    """A case that is loaded is in the restricted store, one that is not in no table at all."""
    drop_id = outcome.drops[case.title]
    crns = {case.people.crn(index).lower() for index in range(6)}
    if outcome.ledger[drop_id][0] == "loaded":
        assert outcome.entered[drop_id] & {crn for crn, _, _ in _lowered(case.expected)}
    else:
        assert drop_id not in outcome.entered
        assert not crns & outcome.inside


def assert_nothing_is_seen_outside(outcome: Outcome) -> None:
    """No canary lies outside the restricted store, and the search finds those that lie in it."""
    assert outcome.outside == {}
    assert outcome.output == set()
    states = {line[0] for line in outcome.ledger.values()}
    if "loaded" in states:
        assert "name" in outcome.inside, "the search does not find what is there"
    if states & {"quarantined", "refused"}:
        assert "filename" in outcome.inside, "the search does not find what is there"
    kept = outcome.inside & {"outside", "header"}
    assert not kept, "a column outside the agreement, or a heading that may be a name, was kept"


def _lowered(rows: Iterable[tuple[str, str, str | None]]) -> list[tuple[str, str, str | None]]:
    return [(crn.lower(), date, text) for crn, date, text in rows]
