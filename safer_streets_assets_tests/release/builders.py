"""Release contents made by hand from the real policy, and a data folder to publish them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.core_tables import as_of_column, holds_back
from safer_streets_assets.disclosure.joint_protection import NOT_MADE, PROVEN
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.quotes.printing import PrintedQuote
from safer_streets_assets.quotes.questions import question_of
from safer_streets_assets.release import Published, ReleaseContent, publish_release
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import ATTENDEE

POLICY = load_policy()
NOW = datetime(2020, 6, 1, 9, 30)
CODE_VERSION = "0.1.0"
NEVER_OPEN = ("reoffending", "linkage_detail")
"""The gates that are closed in every release of these: no agreement is signed, and few people are
sentenced."""


def table(
    name: str,
    keys: Sequence[tuple[str, ...]],
    values: Mapping[str, Sequence[Any]],
    marker: str = "[c]",
) -> pd.DataFrame:
    """A printed table: what `values` does not print (None) carries the marker."""
    spec = POLICY.tables.tables[name]
    frame = pd.DataFrame(keys, columns=list(POLICY.tables.columns(name)), dtype="string")
    for column in spec.counts:
        frame[column] = pd.array(list(values[column]), dtype="Int64")
        frame[f"{column}_marker"] = _markers(values[column], marker)
        if holds_back(POLICY):
            since = [None if value is None else 1 for value in values[column]]
            frame[as_of_column(column)] = pd.array(since, dtype="Int64")
    for column in spec.constants:
        frame[column] = list(values[column])
    for column, details in spec.statistics.items():
        kind = "string" if details.kind == "text" else "Float64"
        frame[column] = pd.array(list(values[column]), dtype=kind)
        frame[f"{column}_marker"] = _markers(values[column], marker)
    return frame


def _markers(values: Sequence[Any], marker: str) -> Any:
    return pd.array([marker if value is None else None for value in values], dtype="string")


def funnel(*counts: int | None) -> pd.DataFrame:
    """The funnel with a count for each stage."""
    counts = counts or (120, 100, 70, 50, 40, 20, None)
    return table("funnel", [(stage,) for stage in POLICY.dpia.cohort.stages], {"n": counts})


def non_assignment() -> pd.DataFrame:
    """Two boroughs and three reasons."""
    boroughs, reasons = ("Lambeth", "Camden", "Total"), ("01", "02", "99", "Total")
    keys = [(borough, reason) for borough in boroughs for reason in reasons]
    return table("non_assignment", keys, {"n": [6, None, None, 10, 0, None, None, 10, 6, 7, 7, 20]})


def attendance(engagement: float | None = 3.25) -> pd.DataFrame:
    """Two sessions by delivery."""
    keys = [(s, d) for s in ("1", "2") for d in ("Group", "One-to-one", "Total")]
    values = {
        "n_expected": [30, None, None, 25, 10, 35],
        "n_attended": [28, None, None, 20, 0, 20],
        "mean_engagement": [engagement, None, None, 2.5, None, -0.0],
    }
    frame = table("attendance_by_session", keys, values)
    frame.loc[4, "mean_engagement_marker"] = "[z]"
    return frame


def attitude_change(*, gate_open: bool) -> pd.DataFrame:
    """Attitude change: without a row behind its gate, else one printed and one hidden row."""
    spec = POLICY.tables.tables["attitude_change"]
    names = [*spec.counts, *spec.constants, *spec.statistics]
    if not gate_open:
        return table("attitude_change", [], {name: [] for name in names})
    keys = [("OFF", "start-end", "Total", "Total"), ("OFF", "start-end", "gender", "Female")]
    values: dict[str, list[Any]] = {name: [1 / 3, None] for name in spec.statistics}
    texts = [name for name, details in spec.statistics.items() if details.kind == "text"]
    values |= {name: ["holm", None] for name in texts}
    values |= {"n_start": [150, None], "n_paired": [110, None], "direction": ["higher_better"] * 2}
    return table("attitude_change", keys, values)


def attitude_movement(*, gate_open: bool) -> pd.DataFrame:
    """Who rose, fell and stayed, of the printed row of attitude change."""
    counts = {"rose": 60, "fell": 40, "stayed": 10, "Total": 110} if gate_open else {}
    keys = [("OFF", "start-end", movement) for movement in counts]
    return table("attitude_movement", keys, {"n": list(counts.values())})


def attitude_attrition(*, gate_open: bool) -> pd.DataFrame:
    """Attrition: without a row behind its gate, else a scale, and two genders with their total."""
    spec = POLICY.tables.tables["attitude_attrition"]
    if not gate_open:
        names = [*spec.counts, *spec.statistics]
        return table("attitude_attrition", [], {name: [] for name in names})
    keys = [
        ("OFF at start", "Total"),
        ("gender", "Male"),
        ("gender", "Female"),
        ("gender", "Total"),
    ]
    values: dict[str, list[Any]] = {name: [1.5, None, None, None] for name in spec.statistics}
    values |= {"n_with_end": [110, 90, 20, 110], "n_without_end": [40, 30, 15, 45]}
    values |= {"smd": [0.1, 0.2, -0.2, None], "statistic": [2.5, None, None, 3.5]}
    values |= {"statistic_name": ["Welch t", None, None, "Pearson chi-square"]}
    values |= {"df": [80.5, None, None, 1.0], "p": [0.02, None, None, 0.06]}
    return table("attitude_attrition", keys, values)


def stage_gates(*, gate_open: bool = False) -> pd.DataFrame:
    """The gates, with constants of two types; all counts but the first are hidden. Those of change
    and of re-offending are closed, unless the first of them is to be open."""
    gates = POLICY.dpia.gates
    n_now = [60, *[None] * (len(gates) - 1)]
    is_open = [gate.name not in ("impact", *NEVER_OPEN) for gate in gates]
    same = {"n_needed": [gate.needed for gate in gates], "open": is_open}
    made = table("stage_gates", [(gate.name,) for gate in gates], {"n_now": n_now, **same})
    made.loc[made["gate"] == "impact", "open"] = gate_open
    return made


def tables(*, gate_open: bool = False) -> dict[str, pd.DataFrame]:
    """One table of every shape."""
    return {
        "funnel": funnel(),
        "non_assignment": non_assignment(),
        "attendance_by_session": attendance(),
        "attitude_change": attitude_change(gate_open=gate_open),
        "attitude_movement": attitude_movement(gate_open=gate_open),
        "attitude_attrition": attitude_attrition(gate_open=gate_open),
        "stage_gates": stage_gates(gate_open=gate_open),
    }


def small_tables() -> dict[str, pd.DataFrame]:
    """Two tables that are written quickly."""
    return {"funnel": funnel(), "attendance_by_session": attendance()}


def content(frames: Mapping[str, pd.DataFrame] | None = None, **changes: Any) -> ReleaseContent:
    """A content that may be published (two small tables), with what the changes say in place."""
    frames = small_tables() if frames is None else frames
    given: dict[str, Any] = {
        "tables": frames,
        "summary": summary(frames),
        "notes": {"funnel": "A note of ours.", "attitude_change": "The gate is closed."},
        "structure": {"tables": [{"name": "funnel", "nested": True}], "version": 1},
        "drop_ids": ["b" * 64, "a" * 64],
    }
    return ReleaseContent(**{**given, **changes})


def quote(words: str, field: str = "m2") -> PrintedQuote:
    """A quote of the survey as it is printed."""
    question = question_of(POLICY, ATTENDEE, field)
    assert question is not None
    return PrintedQuote(
        source=ATTENDEE,
        source_title=question.source_title,
        field=field,
        asked=question.asked,
        words=words,
        consent="asked_in_writing",
        consent_says=POLICY.dpia.quotes.consents["asked_in_writing"].says,
    )


def summary(
    frames: Mapping[str, pd.DataFrame], verdicts: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """A summary that calls every table with rows proven; none of its numbers may be published."""
    verdicts = verdicts or {}
    return pd.DataFrame(
        {
            "table_name": list(frames),
            "cells": 90041,
            "suppressed_primary": 90011,
            "suppressed_secondary": 90021,
            "verdict": [
                verdicts.get(name, PROVEN if len(frame) else NOT_MADE)
                for name, frame in frames.items()
            ],
        }
    )


def data_folder(root: Path) -> DataFolder:
    """A data folder with empty registers."""
    folder = DataFolder(root=root, keys=root / "keys").prepare()
    with open_registers(folder) as registers:
        ensure_registers(registers)
    return folder


@contextmanager
def open_registers(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """The registers as `open_stores` attaches them, without the keys they do not need."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{folder.database('registers')}' AS registers")
        connection.execute(f"SET allowed_directories = ['{folder.registers}/']")
        connection.execute("SET enable_external_access = false")
        yield connection


def publish(
    folder: DataFolder,
    given: ReleaseContent | None = None,
    *,
    now: datetime = NOW,
    policy: Policy = POLICY,
) -> Published:
    """Publishes with the registers open for writing."""
    with open_registers(folder) as registers:
        return publish_release(
            folder, registers, policy, given or content(), now=now, code_version=CODE_VERSION
        )


def register_rows(folder: DataFolder) -> list[tuple[Any, ...]]:
    """The register of releases."""
    with open_registers(folder) as registers:
        return registers.execute("SELECT * FROM registers.releases ORDER BY number").fetchall()


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows a fresh read-only connection gets, under a name of its own for the database."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS analyst (READ_ONLY)")
        connection.execute("USE analyst")
        return connection.execute(sql).fetchall()


def database_contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table and view, in order."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS analyst (READ_ONLY)")
        connection.execute("USE analyst")
        names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def published_state(folder: DataFolder) -> dict[str, Any]:
    """All that is published and registered: file modes and contents, and the register's rows."""
    files: dict[str, Any] = {}
    for path in sorted(folder.published.rglob("*")):
        if path.is_dir():
            said: Any = None
        elif path.suffix == ".duckdb":
            said = database_contents(path)
        else:
            said = path.read_bytes()
        files[path.relative_to(folder.root).as_posix()] = (oct(path.stat().st_mode), said)
    return {"files": files, "register": register_rows(folder)}
