"""The retention register: one line a holding, from what lies there and what is on record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import inventory as lie
from safer_streets_assets.retention import rules
from safer_streets_assets.retention.due import due_date, local_date
from safer_streets_assets.retention.holdings import (
    ERASED,
    NOTHING_HELD,
    PRUNED,
    Clock,
    Holding,
    earliest,
    state_on,
)
from safer_streets_assets.retention.inventory import Unit, inventory
from safer_streets_assets.retention.known import Known, read_known
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, StoreName, open_stores

PEOPLE = "restricted/person_pseudonyms"
TAKEN_IN = "landing/taken-in"
WAITING = "landing/waiting"
SEALED_STATES = ("quarantined", "refused", "held", "released")
"""States of a drop whose file is sealed in the quarantine folder."""
NAMES_OF_REFUSED = ("arrivals", "quarantined_drops")
"""Tables of the restricted store that hold names of files, not rows about people."""


def read_register(folder: DataFolder, policy: Policy, today: date) -> list[Holding]:
    """The register, read with every store that opens.

    A store whose key is gone is listed without rows: an interrupted erasure looks like that.
    """
    with open_stores(folder, read=openable(folder)) as connection:
        return retention_register(folder, connection, policy, today)


def openable(folder: DataFolder) -> list[StoreName]:
    """The stores that exist and whose key exists."""
    keys = Keys(folder.keys)
    there = [store for store in STORE_NAMES if folder.database(store).exists()]
    return [store for store in there if store == "registers" or keys.exists(store)]


def retention_register(
    folder: DataFolder, connection: duckdb.DuckDBPyConnection, policy: Policy, today: date
) -> list[Holding]:
    """One line a holding: a source's rows, a store, a key, a quarantined drop, the outputs.

    The registers are attached for reading, and the restricted and research stores where rows are
    to be counted. Together the lines cover every file under the data folder and every key.

    Raises:
        RetentionError: the policy lacks a rule.
    """
    book = _Book(folder, policy, today, read_known(connection), inventory(folder))
    return [
        *book.rows_about_people(),
        book.restricted_store(),
        book.research_store(),
        book.pseudonym_key(),
        *book.quarantined_drops(),
        *book.landing(),
        *book.without_personal_data(),
        *book.unaccounted(),
    ]


@dataclass(frozen=True)
class _Book:
    """Writes the lines of the register."""

    folder: DataFolder
    policy: Policy
    today: date
    known: Known
    units: dict[str, Unit]

    def rows_about_people(self) -> Iterator[Holding]:
        """Each agreed source's rows, and the table that maps CRNs to pseudonyms."""
        tables = self._tables("restricted")
        for name in self.policy.sources:
            rows = None
            if tables is not None:
                rows = tables.get(raw_table(name), 0) + self.known.set_aside.get(name, 0)
            yield self._rows(f"restricted/{name}", f"{name} rows", [name], rows)
        people = None if tables is None else tables.get("person_pseudonyms", 0)
        yield self._rows(PEOPLE, "CRN to pseudonym", self._people(), people)

    def restricted_store(self) -> Holding:
        """The file, its log, spilled rows, what the landing looked like, and the keys to them."""
        tables = self._tables("restricted")
        rows = None if tables is None else sum(tables.values())
        clock = self._personal()
        about_people = tables is None or any(
            count for table, count in tables.items() if table not in NAMES_OF_REFUSED
        )
        if self.known.closed and not about_people:
            clock = max(
                (self._quarantine_clock(drop_id) for drop_id in self._drop_ids()),
                key=lambda found: found.due_on or date.min,
                default=self._clock(rules.QUARANTINE, None),
            )
        what = "restricted store, with its keys"
        return self._store(lie.RESTRICTED, what, list(self.policy.sources), rows, clock)

    def research_store(self) -> Holding:
        """Pseudonymised rows, and the key to them."""
        tables = self._tables("research")
        rows = None if tables is None else sum(tables.values())
        what = "research store, with its key"
        return self._store(lie.RESEARCH, what, list(self.policy.sources), rows, self._personal())

    def pseudonym_key(self) -> Holding:
        """The key that links people; after closure a new one links nobody without rows."""
        unit = self.units[lie.PSEUDONYM]
        tables = {**(self._tables("restricted") or {}), **(self._tables("research") or {})}
        links = any(count for name, count in tables.items() if name not in NAMES_OF_REFUSED)
        held = bool(unit.there(self.folder)) and (links or not self.known.closed)
        return self._line(
            lie.PSEUDONYM, "pseudonym key", self._people(), self._personal(), held, unit=unit
        )

    def quarantined_drops(self) -> Iterator[Holding]:
        """Each drop that could not be taken in: sealed file, key, and the name it came under."""
        for drop_id in self._drop_ids():
            name = lie.quarantine_unit(drop_id)
            drop = self.known.drops.get(drop_id)
            source = drop.source if drop else "unknown"
            clock = self._quarantine_clock(drop_id)
            if not self.known.closed:
                clock = earliest(clock, self._personal())
            unit = self.units.get(name, Unit(name, (), ()))
            rows = (
                int(drop_id in self.known.quarantined) if "restricted" in self.known.rows else None
            )
            what = f"quarantined drop {drop_id[:12]}"
            yield self._line(name, what, [source], clock, True, row_count=rows, unit=unit)

    def landing(self) -> Iterator[Holding]:
        """Files whose rows are durable and that should be gone, and files that wait."""
        files = self.units[lie.LANDED].files
        taken = taken_in_files(files, self.known)
        waiting = tuple(path for path in files if path not in taken)
        decided = [found for path in taken if (found := self._decided_on(taken[path])) is not None]
        clock = self._clock(rules.LANDING, min(decided, default=None))
        what, sources = "files that are taken in", list(self.policy.sources)
        unit = Unit(TAKEN_IN, (), tuple(taken))
        yield self._line(TAKEN_IN, what, sources, clock, bool(taken), unit=unit)
        clock = self._clock(rules.LANDING, None)
        if not self.known.closed:
            clock = earliest(self._personal(), clock)
        unit = Unit(WAITING, (), waiting)
        what = "files that wait to be taken in"
        yield self._line(WAITING, what, sources, clock, bool(waiting), unit=unit)

    def without_personal_data(self) -> Iterator[Holding]:
        """Releases, registers, the data folder's own files, and Dagster's history."""
        clock = self._clock(rules.OUTPUTS, self.known.published_on)
        for name, what in (
            (lie.PUBLISHED, "releases"),
            (lie.REGISTERS, "registers"),
            (lie.HOUSEKEEPING, "read-me and run lock"),
        ):
            yield self._line(name, what, None, clock, unit=self.units[name])
        history = self._clock(rules.RUN_HISTORY, None)
        unit = self.units[lie.DAGSTER]
        state = PRUNED if unit.files else NOTHING_HELD
        yield self._line(lie.DAGSTER, "Dagster history", None, history, unit=unit, state=state)

    def unaccounted(self) -> Iterator[Holding]:
        """Files that no part of the pipeline put there: for a person to look at."""
        unit = self.units[lie.UNACCOUNTED]
        if unit.files:
            what = "files nobody accounts for"
            yield self._line(unit.name, what, ["unknown"], self._personal(), unit=unit)

    def _tables(self, store: str) -> dict[str, int] | None:
        """Table to rows: none without a store, None when there is one that was not opened."""
        return self.known.rows_of(store) if self.folder.database(store).exists() else {}

    def _rows(self, name: str, what: str, sources: list[str], rows: int | None) -> Holding:
        return self._line(name, what, sources, self._personal(), rows != 0, row_count=rows)

    def _store(
        self, name: str, what: str, sources: list[str], rows: int | None, clock: Clock
    ) -> Holding:
        unit = self.units[name]
        there = unit.there(self.folder)
        # After closure an empty store and new keys hold nothing: each run makes them anew.
        held = bool(there) and not (self.known.closed and rows == 0)
        return self._line(name, what, sources, clock, held, row_count=rows, unit=unit)

    def _line(
        self,
        name: str,
        what: str,
        sources: list[str] | None,
        clock: Clock,
        held: bool | None = None,
        *,
        row_count: int | None = None,
        unit: Unit | None = None,
        state: str | None = None,
    ) -> Holding:
        legal = (
            rules.facts_without_personal_data(self.policy)
            if sources is None
            else rules.facts_of_sources(self.policy, sources)
        )
        there = unit.there(self.folder) if unit else ()
        held = bool(there) if held is None else held
        certified = self.known.certified.get(name)
        if not held and certified is not None:
            clock = Clock(certified.rule, clock.trigger, clock.triggered_on, certified.due_on)
        gone = ERASED if certified else NOTHING_HELD
        warn = self.policy.dpia.retention.warn_days
        return Holding(
            holding=name,
            store=name.split("/", maxsplit=1)[0],
            what=what,
            legal=legal,
            clock=clock,
            state=state or (state_on(self.today, clock.due_on, warn) if held else gone),
            row_count=row_count,
            files=len(there),
            bytes=sum(path.lstat().st_size for path in there),
        )

    def _personal(self) -> Clock:
        return self._clock(rules.personal_rule(self.policy), self.known.published_on)

    def _clock(self, rule_name: str, triggered_on: date | None) -> Clock:
        rule = rules.rule_of(self.policy, rule_name)
        due_on = due_date(triggered_on, rule.after) if triggered_on else None
        return Clock(rule_name, rule.trigger, triggered_on, due_on)

    def _quarantine_clock(self, drop_id: str) -> Clock:
        return self._clock(rules.QUARANTINE, self._quarantined_on(drop_id))

    def _quarantined_on(self, drop_id: str) -> date | None:
        """The day it was decided; when another try has overwritten that, the day it was sealed."""
        drop = self.known.drops.get(drop_id)
        if drop is not None and drop.state in SEALED_STATES:
            return self._decided_on(drop_id)
        unit = self.units.get(lie.quarantine_unit(drop_id))
        sealed = [path.lstat().st_mtime for path in unit.files] if unit else []
        timezone = self.policy.dpia.evaluation.timezone
        if not sealed:
            return self._decided_on(drop_id)
        return local_date(datetime.fromtimestamp(max(sealed), UTC), timezone)

    def _decided_on(self, drop_id: str) -> date | None:
        drop = self.known.drops.get(drop_id)
        if drop is None or drop.decided_at is None:
            return None
        return local_date(drop.decided_at, self.policy.dpia.evaluation.timezone)

    def _drop_ids(self) -> list[str]:
        prefix = lie.QUARANTINE_PREFIX
        there = {name.removeprefix(prefix) for name in self.units if name.startswith(prefix)}
        return sorted(there | self.known.quarantined)

    def _people(self) -> list[str]:
        """The sources that carry CRNs."""
        named = self.policy.sources.items()
        return [name for name, s in named if any(field.kind == "crn" for field in s.fields)]


def taken_in_files(files: Collection[Path], known: Known) -> dict[Path, str]:
    """Files of the landing that are drops whose rows are loaded, with their drop ids.

    Only files as large as such a drop are read.
    """
    loaded = {drop_id: drop for drop_id, drop in known.drops.items() if drop.state == "loaded"}
    sizes = {drop.size for drop in loaded.values()}
    found = {}
    for path in files:
        if path.is_file() and not path.is_symlink() and path.stat().st_size in sizes:
            drop_id = drop_id_of(path)
            if drop_id in loaded:
                found[path] = drop_id
    return found
