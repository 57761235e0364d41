"""What became of releases, step by step: a chain on the register to which lines are only added.

Each line holds the hash of the one before, and a note beside the registers says where the chain
ends: a line that is changed, exchanged or taken out is seen. What is typed is not in the hash,
since an erasure blots out of it whom it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import datetime
from typing import Any, Literal

import duckdb

from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.chain_note import (
    FIRST,
    line_hash,
    read_chain_note,
    write_chain_note,
)
from safer_streets_assets.stores.registers import has_table
from safer_streets_assets.stores.who import SystemUser

StepName = Literal[
    "built", "approved", "rejected", "superseded", "rolled back to", "withdrawn", "shared"
]
BUILT: StepName = "built"
APPROVED: StepName = "approved"
REJECTED: StepName = "rejected"
SUPERSEDED: StepName = "superseded"
ROLLED_BACK: StepName = "rolled back to"
WITHDRAWN: StepName = "withdrawn"
SHARED: StepName = "shared"
TYPED = ("by_user", "why", "basis")
"""Texts, which are not in the hash of a line; the number of the user is."""


@dataclass(frozen=True)
class Step:
    """What happened to a release, when (UTC), under which approval of the policy, and by whom; by
    nobody where the policy asks for none.

    `recipient`, `basis`, `section` and `files_hash` are of what was shared.
    """

    release_id: str
    step: StepName
    approval: str
    by_uid: int | None
    by_user: str | None
    happened_at: datetime
    why: str | None = None
    recipient: str | None = None
    basis: str | None = None
    section: str | None = None
    files_hash: str | None = None

    @property
    def by(self) -> SystemUser | None:
        """Who did it; None where nobody did."""
        return None if self.by_uid is None else SystemUser(self.by_uid, self.by_user or "")


_FACTS = ", ".join(field.name for field in fields(Step))


def read_steps(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> list[Step]:
    """Every step, in order; none in registers from before they were kept. The registers are
    attached.

    Raises:
        ReleaseError: a line was changed, exchanged or taken out.
    """
    rows = _lines(registers)
    before, steps = FIRST, []
    for number, row in enumerate(rows, start=1):
        step = Step(*row[3:])
        if row[:2] != (number, before) or row[2] != _hash(number, before, step):
            raise _broken(number)
        before = row[2]
        steps.append(step)
    noted = read_chain_note(folder.registers, "releases")
    if noted is not None and noted[1] not in (row[2] for row in rows[noted[0] - 1 : noted[0]]):
        raise _broken(min(len(rows), noted[0]) + 1)
    return steps


def add_steps(registers: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> None:
    """Adds steps at the end of the chain, in the caller's transaction."""
    rows = _lines(registers)
    number, before = len(rows), rows[-1][2] if rows else FIRST
    places = ", ".join("?" for _ in fields(Step))
    for step in steps:
        number += 1
        own = _hash(number, before, step)
        registers.execute(
            f"INSERT INTO registers.release_steps (number, previous_hash, hash, {_FACTS}) "
            f"VALUES (?, ?, ?, {places})",
            [number, before, own, *astuple(step)],
        )
        before = own


def note_steps(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> None:
    """Notes beside the registers where the chain ends, once its lines are committed."""
    rows = _lines(registers)
    if rows:
        end = (rows[-1][0], rows[-1][2])
        if end != read_chain_note(folder.registers, "releases"):
            write_chain_note(folder.registers, *end, "releases")


def _lines(registers: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    if not has_table(registers, "release_steps"):
        return []
    return registers.execute(
        f"SELECT number, previous_hash, hash, {_FACTS} FROM registers.release_steps ORDER BY number"
    ).fetchall()


def _hash(number: int, before: str, step: Step) -> str:
    facts = {name: value for name, value in asdict(step).items() if name not in TYPED}
    return line_hash(number, before, facts.values())


def _broken(number: int) -> ReleaseError:
    return ReleaseError(
        f"The register of what became of releases is broken at line {number}: a line was changed, "
        "exchanged or taken out since it was written; find out who wrote to the registers, and put "
        "the whole folder registers back from the newest backup."
    )
