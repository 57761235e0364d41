"""Judges whether a staged drop differs too much from the drops before it: shares only, no values.

Rows that vanish from a cumulative export, a column that goes empty, a code whose share jumps. The
tolerances are the policy's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.drop_order import WaitingDrop, places_in_order
from safer_streets_assets.intake.fields import CRN_KEY, fields_sql
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

_VANISHED = "D-DRIFT-VANISHED"
CODED = ("code", "offence_code")
"""Kinds of field whose values are a short list of codes."""


@dataclass(frozen=True)
class DriftFinding:
    """One way in which a drop differs too much; `code` is a key of `HELD_REASONS`.

    The shares are whole percent: of the rows of the drop before that are there (`column` is None),
    of the rows that are filled in, or of one code.
    """

    code: str
    column: str | None
    percent_before: int
    percent_now: int


@dataclass(frozen=True)
class _Shape:
    """What a set of rows looks like: how full its columns are, how its codes are shared out."""

    rows: int
    filled: Mapping[str, int]
    codes: Mapping[str, Mapping[str, int]]


def judge_drift(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    waiting: WaitingDrop,
) -> list[DriftFinding]:
    """What about the staged rows of a drop is beyond the policy's tolerances; empty when nothing.

    A cumulative drop is compared with the one before it, an increment with the last few together,
    in the order of drops. The first drop of a source is compared with nothing.
    """
    source, limits = policy.sources[name], policy.dpia.drift
    cumulative = source.shape == "cumulative"
    how_many = 1 if cumulative else limits.earlier_increments
    earlier = _earlier(connection, policy, name, waiting, how_many)
    if not earlier:
        return []
    findings: list[DriftFinding] = []
    if cumulative:
        findings += _vanished(connection, policy, name, earlier[0])
    listed = ", ".join(quoted_text(drop_id) for drop_id in earlier)
    before = _shape(
        connection,
        policy,
        source,
        f"(FROM restricted.{raw_table(name)} WHERE drop_id IN ({listed}))",
    )
    now = _shape(connection, policy, source, "(FROM staged WHERE len(reasons) = 0)")
    if min(before.rows, now.rows) >= limits.minimum_rows:
        findings += _emptied(before, now, limits.emptied_column_share)
        changing = limits.changing_columns.get(name, [])
        judged = [column for column in before.codes if column not in changing]
        findings += _jumps(before, now, judged, limits.share_jump_points, limits.minimum_rows)
    return findings


def _earlier(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    waiting: WaitingDrop,
    how_many: int,
) -> list[str]:
    places = places_in_order(connection, policy, name, [waiting])
    before = [drop for drop in places if places[drop] < places[waiting.arrival.drop_id]]
    return sorted(before, key=lambda drop: -places[drop])[:how_many]


def _vanished(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str, earlier: str
) -> Iterator[DriftFinding]:
    source, limits = policy.sources[name], policy.dpia.drift
    keys = {field.name: field.key for field in fields_sql(source, policy)}
    identity = ", ".join(f"{keys[key]} AS {quoted_name(key)}" for key in source.identity)
    query = read_sql("intake", "drift_vanished").format(
        identity=identity, raw_table=raw_table(name)
    )
    before, vanished = one_row(connection, query, {"earlier": earlier})
    if before >= limits.minimum_rows and vanished / before > limits.maximum_vanished_share:
        code = "D-DRIFT-OLDER" if _is_older(connection, source, name, earlier) else _VANISHED
        yield DriftFinding(code, None, 100, round(100 * (1 - vanished / before)))


def _is_older(
    connection: duckdb.DuckDBPyConnection, source: Source, name: str, earlier: str
) -> bool:
    """Whether the latest date in the staged rows lies before that of an earlier drop."""
    if source.position_field is None:
        return False
    field = source.field_named(source.position_field)
    latest = f"max(parse_{field.kind}({quoted_name(field.name)}))"
    now, before = one_row(
        connection,
        f"SELECT (SELECT {latest} FROM staged WHERE len(reasons) = 0), "
        f"(SELECT {latest} FROM restricted.{raw_table(name)} WHERE drop_id = $earlier)",
        {"earlier": earlier},
    )
    return now is not None and before is not None and now < before


def _shape(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source: Source, rows: str
) -> _Shape:
    fields = fields_sql(source, policy)
    coded = [sql for sql, field in zip(fields, source.fields, strict=True) if field.kind in CODED]
    columns = [
        CRN_KEY if field.kind == "crn" else quoted_name(field.name) for field in source.fields
    ]
    query = read_sql("intake", "drift_columns").format(
        filled=", ".join(f"count({column})" for column in columns),
        codes=", ".join(f"histogram({sql.value})" for sql in coded),
        rows=rows,
    )
    count, filled, codes = one_row(connection, query)
    return _Shape(
        rows=int(count),
        filled=dict(zip([field.name for field in source.fields], filled, strict=True)),
        codes={sql.name: found or {} for sql, found in zip(coded, codes, strict=True)},
    )


def _emptied(before: _Shape, now: _Shape, least_share: float) -> Iterator[DriftFinding]:
    for column, filled in before.filled.items():
        if now.filled[column] == 0 and filled / before.rows >= least_share:
            yield DriftFinding("D-DRIFT-EMPTY", column, round(100 * filled / before.rows), 0)


def _jumps(
    before: _Shape, now: _Shape, columns: Sequence[str], points: int, minimum_rows: int
) -> Iterator[DriftFinding]:
    """The code of each column whose share moved most, where that is more than `points`."""
    for column in columns:
        counts = before.codes[column]
        was, became = _shares(counts), _shares(now.codes[column])
        if min(sum(counts.values()), sum(now.codes[column].values())) < minimum_rows:
            continue
        moves = [(was.get(code, 0.0), became.get(code, 0.0)) for code in {*was, *became}]
        share_before, share_now = max(moves, key=lambda move: (abs(move[0] - move[1]), move))
        if abs(share_before - share_now) > points:
            yield DriftFinding("D-DRIFT-SHARE", column, round(share_before), round(share_now))


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {code: 100 * count / total for code, count in counts.items()}


def worst(findings: Sequence[DriftFinding]) -> DriftFinding:
    """The finding that stands on the ledger for all of them: swapped dates first, jumps last."""
    order = ("D-DRIFT-SWAPPED", "D-DRIFT-OLDER", _VANISHED, "D-DRIFT-EMPTY", "D-DRIFT-SHARE")
    return min(findings, key=lambda finding: order.index(finding.code))
