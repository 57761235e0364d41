"""An invented cohort, protected and published once, and the release step to be talked out of it.

Linked tables of a few hundred people are counted, protected and stored as the pipeline does; a
first release is published, a second one is about to be. Mutations are made in between.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.disclosure.aggregate import aggregate, define_lists, store_aggregate
from safer_streets_assets.disclosure.core import TOTAL, TableSpec
from safer_streets_assets.disclosure.earlier import (
    earlier_releases,
    next_number,
    published_files,
    structure_of,
)
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.kept_secrets import ensure_secrets, keep_secrets
from safer_streets_assets.disclosure.printed_before import printed_before
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.release import ReleaseContent, publish_release
from safer_streets_assets.release.assets import refuse_unproven
from safer_streets_assets.release.draft import draft_release
from safer_streets_assets.stores import DataFolder, StoreName, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import open_gates
from safer_streets_assets_tests.release.builders import CODE_VERSION, NOW, POLICY

TABLES = (
    "funnel",
    "funnel_by_borough",
    "funnel_by_demographics",
    "non_assignment",
    "sentence_by_court",
    "time_to_start",
)
THRESHOLD = POLICY.dpia.thresholds.minimum_count
BOROUGHS, GENDERS = ("Brent", "Ealing", "Hackney", "Lambeth"), ("Male", "Female")
COURTS = tuple(f"{place} Magistrates' Court" for place in ("Thames", "Croydon", "Bromley"))
SENTENCES = ("Community Order", "Suspended Sentence Order", "Fine")
Place = tuple[str, int, str]
"""A printed cell: table, row, count."""
Cell = tuple[str, str, tuple[tuple[str, str], ...]]
"""A count, wherever it is printed: population, measure, categories."""


def people(number: int) -> pd.DataFrame:
    """So many invented people of the linked cohort; more of them start with the same ones."""
    chance = random.Random(7)
    rows = []
    for _ in range(number):
        stage = min(chance.choice((1, 2, 3, 3, 4, 5, 6, 7)), chance.choice((4, 5, 6, 7)))
        eligible, assigned = stage >= 3, stage >= 4
        rows.append(
            {
                "person_id": len(rows),
                "stage_number": stage,
                "month": "2020-01",
                "borough": chance.choices(BOROUGHS, (6, 5, 3, 1))[0],
                "gender": chance.choices(GENDERS, (9, 2))[0],
                "age_band": chance.choices(("18-24", "25-34", "35-44"), (5, 4, 1))[0],
                "offence": "00826",
                "court": chance.choices(COURTS, (5, 3, 1))[0],
                "sentence": chance.choices(SENTENCES, (6, 3, 1))[0],
                "derived": "eligible" if eligible else "not eligible",
                "crc_decision": "assigned" if assigned else "not assigned",
                "delivery": "Group",
                "outcome": None,
                "reason_one_to_one": None,
                "reason_not_assigned": chance.choices(("01", "02", "03", "04"), (5, 3, 1, 1))[0],
                "days_to_start": 30,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Step:
    """The release step with what is stored for it; `aggregates` are the counts before
    protection, `made` what protection gave back."""

    folder: DataFolder
    connection: duckdb.DuckDBPyConnection
    aggregates: Mapping[str, pd.DataFrame]
    made: ProtectedTables
    stored: StoredProtection

    def content(self, stored: StoredProtection) -> ReleaseContent:
        """What would be published."""
        return ReleaseContent(stored.tables, stored.summary, {}, stored.structure, ["a" * 64])

    def refusal(self, stored: StoredProtection, policy: Policy = POLICY) -> str | None:
        """What the release step says of stored tables: nothing when it would publish them."""
        stores = StoresResource(data_folder=str(self.folder.root))
        try:
            files = published_files(self.folder, self.connection)
            refuse_unproven(policy, stores, self.connection, stored, files)
            draft_release(policy, self.content(stored))
        except SaferStreetsError as error:
            return str(error)
        return None

    def with_tables(self, changed: Mapping[str, pd.DataFrame]) -> StoredProtection:
        """What is stored, with other tables."""
        return replace(self.stored, tables={**self.stored.tables, **changed})

    def unhidden(self, places: list[Place]) -> StoredProtection:
        """What is stored, with hidden cells printed as they were counted."""
        frames = {name: self.stored.tables[name].copy() for name, _, _ in places}
        for name, row, count in places:
            frames[name].loc[row, count] = self.aggregates[name].loc[row, count]
            frames[name].loc[row, f"{count}_marker"] = pd.NA
        return self.with_tables(frames)

    def count(self, place: Place) -> int:
        """The count of a cell before protection."""
        name, row, count = place
        return int(self.aggregates[name].loc[row, count])

    def hidden(self, kind: str) -> dict[Cell, list[Place]]:
        """Every hidden count of a kind (primary, secondary) and all places it is printed in."""
        found: dict[Cell, list[Place]] = {}
        for name, parts in self.made.parts.items():
            for part in parts:
                kinds = self.made.core.tables[part.spec.name].kinds
                for place, row in enumerate(part.rows):
                    for count in part.spec.measures:
                        if kinds[count].iloc[place] == kind:
                            said = categories(part.spec, kinds.iloc[place].to_dict())
                            cell = (part.spec.population, count, said)
                            found.setdefault(cell, []).append((name, int(row), count))
        return found


STORES: tuple[StoreName, ...] = ("registers", "research")
"""Registers first: without them nothing is known of what is held."""


@contextmanager
def release_step(root: Path, *numbers: int, policy: Policy = POLICY) -> Iterator[Step]:
    """A release published for each number of people but the last, which is about to be."""
    folder = DataFolder(root, root / "keys").prepare()
    for store in STORES:
        with open_stores(folder, write=[store]):
            pass
    for number in numbers[:-1]:
        step = _protected(folder, number, policy)
        with open_stores(folder, write=["registers"]) as connection:
            publish_release(
                folder,
                connection,
                policy,
                step.content(step.stored),
                now=NOW,
                code_version=CODE_VERSION,
            )
    step = _protected(folder, numbers[-1], policy)
    with open_stores(folder, read=["research", "restricted", "registers"]) as connection:
        yield replace(step, connection=connection)


@contextmanager
def copied(step: Step, root: Path) -> Iterator[Step]:
    """The step on a copy of its data folder, which may be harmed."""
    shutil.copytree(step.folder.root, root, dirs_exist_ok=True)
    folder = DataFolder(root, root / "keys")
    with open_stores(folder, read=["research", "restricted", "registers"]) as connection:
        yield replace(step, folder=folder, connection=connection)


def _protected(folder: DataFolder, number: int, policy: Policy) -> Step:
    with open_stores(folder, write=["research", "restricted", "registers"]) as connection:
        ensure_registers(connection)
        ensure_secrets(connection)
        connection.register("invented", people(number))
        connection.execute("CREATE OR REPLACE TABLE research.linked_cohort AS FROM invented")
        open_gates(connection)
        define_lists(connection, policy)
        aggregates = {name: aggregate(connection, policy, name) for name in TABLES}
        for name, frame in aggregates.items():
            store_aggregate(connection, name, frame)
        before = printed_before(folder, connection, policy)
        made = protect_tables(
            policy, aggregates, earlier_releases(folder, connection), before=before
        )
        kept = next_number(connection)
        keep_secrets(connection, kept, made)
        structure: dict[str, Any] = structure_of(made)
        stored = StoredProtection(dict(made.tables), made.summary, structure, kept)
        return Step(folder, connection, aggregates, made, stored)


def categories(spec: TableSpec, row: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    """What a row of a core table says of the people in it."""
    said = {d: str(row[d]) for d in spec.dimensions if str(row[d]) != TOTAL}
    return tuple(sorted({**said, **spec.fixed}.items()))


@contextmanager
def other_register(step: Step, rows: pd.DataFrame) -> Iterator[Step]:
    """The step when the register of releases holds these rows."""
    with open_stores(step.folder, read=["research", "restricted"]) as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        connection.register("rows", rows)
        ensure_registers(connection)
        connection.execute("CREATE OR REPLACE TABLE registers.releases AS FROM rows")
        yield replace(step, connection=connection)


def says_too_much(message: str) -> bool:
    """Whether a refusal is not one sentence, holds a number, or names a category of people."""
    names = {*BOROUGHS, *GENDERS, "18-24", "25-34", "35-44", *COURTS}
    sentences = re.findall(r"\.(?:\s|$)", message)
    return (
        len(sentences) != 1
        or not message.endswith(".")
        or any(character.isdigit() for character in message)
        or any(name in message for name in names)
    )
