"""Anonymous rows that are loaded, judged again: names arrive after them.

Every run holds the rows of anonymous sources against all names that are held by then. A row that
names somebody leaves the raw table for the rows set aside; what perhaps names somebody is counted
on the register, and shown to the unit alone, which decides on it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter

import duckdb

from safer_streets_assets.intake.decisions import count_set_aside
from safer_streets_assets.intake.name_decisions import (
    UncertainText,
    name_decisions,
    question_id,
    question_key,
)
from safer_streets_assets.intake.naming import JudgedRows, judge_rows, people_held
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_number, transaction
from safer_streets_assets.stores.registers import evaluation_closed
from safer_streets_assets.stores.sql_files import quoted_name

NOT_ANONYMOUS = "R-NOT-ANONYMOUS"


def judge_again(connection: duckdb.DuckDBPyConnection, policy: Policy, name: str) -> int:
    """Sets aside the loaded rows of an anonymous source that name somebody held by now.

    Returns how many; none where the source is not anonymous. The restricted store and the registers
    are attached for writing; the rows go first, so that a run that is killed in between is put
    right by the next.
    """
    source = policy.sources[name]
    if not source.anonymous:
        return 0
    aside = 0
    uncertain: Counter[str] = Counter()
    for drop_id, judged in _judged(connection, policy, name).items():
        if judged.naming:
            _set_aside(connection, name, source, drop_id, judged)
            aside += len(judged.naming)
        uncertain.update(doubt.column for doubt in judged.perhaps)
    _count_on_registers(connection, name, uncertain)
    return aside


def uncertain_texts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[UncertainText]:
    """Loaded texts that perhaps name somebody and that nobody decided on, of all anonymous sources,
    each once; the restricted store is attached for writing, and the registers."""
    found: dict[str, UncertainText] = {}
    for name, source in policy.sources.items():
        if not source.anonymous:
            continue
        key = question_key(connection)
        for drop_id, judged in _judged(connection, policy, name).items():
            for doubt in judged.perhaps:
                [(text,)] = connection.execute(
                    f"SELECT {quoted_name(doubt.column)} FROM restricted.{raw_table(name)} "
                    "WHERE drop_id = ? AND row_number = ?",
                    [drop_id, doubt.row_number],
                ).fetchall()
                text_id = question_id(key, name, doubt.column, text, doubt.words)
                place = (text_id, name, doubt.column, drop_id, doubt.row_number)
                first = found.get(text_id) or UncertainText(*place, 0, text, doubt.words)
                found[text_id] = dataclasses.replace(first, rows=first.rows + 1)
    return list(found.values())


def count_uncertain(connection: duckdb.DuckDBPyConnection) -> int:
    """How many loaded texts perhaps name somebody; none once they are erased with everything
    personal. The registers are attached."""
    if evaluation_closed(connection):
        return 0
    return one_number(connection, "SELECT coalesce(sum(rows), 0) FROM registers.uncertain_texts")


def _judged(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str
) -> dict[str, JudgedRows]:
    """The rows of a source that are loaded, judged drop by drop."""
    fields = [field.name for field in policy.sources[name].fields]
    rows = connection.execute(
        f"SELECT drop_id, row_number, {', '.join(map(quoted_name, fields))} "
        f"FROM restricted.{raw_table(name)} ORDER BY drop_id, row_number"
    ).fetchall()
    if not rows:
        return {}
    people = people_held(connection, policy, (text for row in rows for text in row[2:]))
    decisions = name_decisions(connection, name)
    drops: dict[str, list[tuple[object, ...]]] = {}
    for drop_id, *rest in rows:
        drops.setdefault(drop_id, []).append(tuple(rest))
    judged = {}
    for drop_id, own in drops.items():
        numbers, *columns = map(list, zip(*own, strict=True))
        texts = dict(zip(fields, columns, strict=True))
        judged[drop_id] = judge_rows(texts, numbers, people, policy, decisions)
    return judged


def _set_aside(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: Source,
    drop_id: str,
    judged: JudgedRows,
) -> None:
    sent = ", ".join(f"{quoted_name(f.name)} := {quoted_name(f.name)}" for f in source.fields)
    table = f"restricted.{raw_table(name)}"
    rows = {"drop": drop_id, "numbers": sorted(judged.naming)}
    with transaction(connection):
        connection.execute(
            "INSERT INTO restricted.set_aside_rows "
            "(drop_id, source, row_number, reasons, values_sent, problems) "
            f"SELECT drop_id, '{name}', row_number, ['{NOT_ANONYMOUS}'], "
            f"to_json(struct_pack({sent})), "
            f"[struct_pack(field := NULL::VARCHAR, reason := '{NOT_ANONYMOUS}')] "
            f"FROM {table} WHERE drop_id = $drop AND list_contains($numbers, row_number)",
            rows,
        )
        connection.execute(
            f"DELETE FROM {table} WHERE drop_id = $drop AND list_contains($numbers, row_number)",
            rows,
        )
        connection.execute(
            "UPDATE restricted.loaded_drops SET rows_loaded = rows_loaded - ? WHERE drop_id = ?",
            [len(judged.naming), drop_id],
        )


def _count_on_registers(
    connection: duckdb.DuckDBPyConnection, name: str, uncertain: Counter[str]
) -> None:
    """Makes the registers say what the restricted store holds of a source: counts only."""
    with transaction(connection):
        changed = connection.execute(
            "UPDATE registers.drops SET rows_loaded = held.rows_loaded, "
            "rows_set_aside = held.rows_read - held.rows_loaded "
            "FROM restricted.loaded_drops AS held WHERE held.drop_id = drops.drop_id "
            "AND held.source = ? AND drops.state = 'loaded' "
            "AND drops.rows_loaded <> held.rows_loaded RETURNING drops.drop_id",
            [name],
        ).fetchall()
        count_set_aside(connection, [drop_id for (drop_id,) in changed])
        connection.execute("DELETE FROM registers.uncertain_texts WHERE source = ?", [name])
        for column, rows in sorted(uncertain.items()):
            connection.execute(
                "INSERT INTO registers.uncertain_texts VALUES (?, ?, ?)", [name, column, rows]
            )
