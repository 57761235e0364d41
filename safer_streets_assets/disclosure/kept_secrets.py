"""What the restricted store keeps of a release that nobody may see: the counts behind it.

The whole table, what witnesses move in it (each change once) and which count each of them is for
(see `check_witnesses`), what was tabulated, what was equal on the day, which cells hold one person,
and which counts fell since an earlier release.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb

from safer_streets_assets.disclosure.core import ASIDE, Cell, Evidence, Lasting, Link
from safer_streets_assets.disclosure.links import link_from_json, link_to_json
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.errors import SaferStreetsError


class EarlierReleaseError(SaferStreetsError):
    """An earlier release is not there as it was published, so nothing can be proven against it."""


def ensure_secrets(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table of the restricted store that keeps what a release must not tell."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS restricted.release_secrets "
        "(number INTEGER PRIMARY KEY, not_monotone JSON NOT NULL, witnesses JSON NOT NULL)"
    )


def keep_secrets(
    connection: duckdb.DuckDBPyConnection, number: int, protected: ProtectedTables
) -> None:
    """Keeps of a release what it must not tell, in place of what was kept under its number."""
    core = protected.core
    moves = dict.fromkeys([*(witness.moved for witness in core.witnesses), *core.more])
    number_of = {moved: k for k, moved in enumerate(moves)}
    kept = {
        "counts": _of_people(core.counts),
        "moves": [_of_people(moved) for moved in moves],
        "witnesses": [
            {"cells": witness.cells, "move": number_of[witness.moved]} for witness in core.witnesses
        ],
        "alone": sorted(core.alone),
        "tabulated": sorted(protected.tabulated.items()),
        "links": [link_to_json(link) for link in protected.of_day],
    }
    connection.execute(
        "INSERT OR REPLACE INTO restricted.release_secrets VALUES (?, ?, ?)",
        [number, json.dumps(sorted(core.not_monotone)), json.dumps(kept)],
    )


def fallen_counts(connection: duckdb.DuckDBPyConnection, number: int) -> frozenset[Lasting]:
    """The cells of a release whose true count fell below an earlier one."""
    return frozenset(map(_lasting, _kept(connection, number, "not_monotone")))


def lone_counts(connection: duckdb.DuckDBPyConnection, number: int) -> frozenset[Lasting] | None:
    """The cells of a release that hold one person; None where that was not kept, as 0.1.0 did."""
    kept = _kept(connection, number, "witnesses->'alone'")
    return None if kept is None else frozenset(map(_lasting, kept))


def equal_of_day(connection: duckdb.DuckDBPyConnection, number: int) -> list[Link]:
    """What was equal by the counts of a release alone, which it does not state; nothing where it
    does, as releases of earlier versions did."""
    kept = _kept(connection, number, "coalesce(witnesses->'links', '[]'::JSON)")
    return [link_from_json(entry) for entry in kept]


def tabulated_counts(connection: duckdb.DuckDBPyConnection, number: int) -> dict[Lasting, int]:
    """What a release tabulated, hidden counts too."""
    found = _kept(connection, number, "witnesses->'tabulated'")
    return {_lasting(stored): int(count) for stored, count in found}


def kept_evidence(connection: duckdb.DuckDBPyConnection, number: int) -> Evidence:
    """The whole table and the witnesses that were kept of a release; a proof believes neither."""
    kept = _kept(connection, number, "witnesses")
    kept = {"moves": [], **kept}  # stores of versions that kept each change with its counts
    return Evidence(
        {_cell(stored): int(count) for stored, count in kept["counts"]},
        [tuple((_cell(stored), int(by)) for stored, by in move) for move in kept["moves"]],
    )


def _kept(connection: duckdb.DuckDBPyConnection, number: int, what: str) -> Any:
    """A part of what was kept of a release.

    Raises:
        EarlierReleaseError: it was not kept.
    """
    found = connection.execute(
        f"SELECT {what} FROM restricted.release_secrets WHERE number = ?", [number]
    ).fetchone()
    if found is None or found[0] is None:
        raise EarlierReleaseError(
            "What the restricted store keeps of an earlier release is missing; restore the "
            "restricted store from its backup."
        )
    return json.loads(found[0])


def _of_people(numbers: Sequence[tuple[Cell, int]]) -> list[tuple[Cell, int]]:
    return [(cell, number) for cell, number in numbers if cell.population != ASIDE]


def _lasting(stored: Sequence[Any]) -> Lasting:
    population, measure, coords = stored
    return population, measure, tuple((dimension, value) for dimension, value in coords)


def _cell(stored: Sequence[Any]) -> Cell:
    release, *lasting = stored
    return Cell(release, *_lasting(lasting))
