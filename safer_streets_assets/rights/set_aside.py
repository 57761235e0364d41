"""Rows that break a rule: those of a person, and those that may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.reasons import row_reasons
from safer_streets_assets.policy import Policy
from safer_streets_assets.rights.answer_parts import TextRow
from safer_streets_assets.rights.rows_held import ARRIVED, DROP, FILE_ROW, SHORT_ID
from safer_streets_assets.stores.queries import tables_in

WHY = "why it is set aside"


@dataclass(frozen=True)
class SetAside:
    """A row that was set aside, its source, and the CRN on it as intake normalises it, if any."""

    source: str
    crn: str | None = field(repr=False)
    row: TextRow = field(repr=False)


def rows_set_aside(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterator[SetAside]:
    """Every row set aside of a source with people in it, in the order of the drops."""
    if "set_aside_rows" not in tables_in(connection, "restricted"):
        return
    rows = connection.execute(
        f"SELECT source, left(drop_id, {SHORT_ID}), strftime(arrived_at, '%d/%m/%Y %H:%M'), "
        "row_number, reasons, values_sent FROM restricted.set_aside_rows AS aside "
        "LEFT JOIN (SELECT drop_id, arrived_at FROM restricted.loaded_drops) USING (drop_id) "
        "ORDER BY aside.source, arrived_at, drop_id, row_number"
    ).fetchall()
    known = row_reasons(policy)
    for name, drop, arrived, number, reasons, values in rows:
        source = policy.sources.get(name)
        crn_field = source.crn_field if source else None
        if crn_field is None:
            continue
        sent: dict[str, str | None] = json.loads(values)
        text = sent.get(crn_field.name)
        why = "; ".join(known[reason].sentence if reason in known else reason for reason in reasons)
        own = {DROP: drop, ARRIVED: arrived, FILE_ROW: str(number), WHY: why}
        yield SetAside(name, normalise_crn(text) if text else None, {**own, **sent})
