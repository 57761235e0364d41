"""The lines of the retention register: about stores, and about what lies in files by itself.

Erasures that wait are among the latter: they lie sealed in files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from safer_streets_assets.cohort.catalogue import PEOPLE_LINE
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.asked import is_kept
from safer_streets_assets.retention.holdings.clocks import Clocks, state_of
from safer_streets_assets.retention.holdings.holding import (
    ASKED_PREFIX,
    ERASED,
    NOTHING_HELD,
    PART_KEPT,
    PRUNED,
    TAKEN_IN,
    WAITING,
    Clock,
    Holding,
    earliest,
)
from safer_streets_assets.retention.holdings.inventory import Unit, whereabouts
from safer_streets_assets.retention.holdings.on_record import OnRecord, taken_in_files
from safer_streets_assets.stores import DataFolder, StoreName
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.ids import SHOWN_DIGITS


@dataclass(frozen=True)
class Lines:
    """What lines are written from: the register's parts extend it."""

    folder: DataFolder
    policy: Policy
    today: date
    known: OnRecord
    units: dict[str, Unit]
    clocks: Clocks

    def _tables(self, store: str) -> dict[str, int] | None:
        """Table to rows: none without a store, None when there is one that was not opened."""
        return self.known.rows_of(store) if self.folder.database(store).exists() else {}

    def _personal(self, *names: str) -> Clock:
        return self.clocks.decided(self.clocks.personal(), *names)

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
        clock = self.clocks.after_exceptions(clock, name, f"{name.split('/', maxsplit=1)[0]}/store")
        there = unit.there(self.folder) if unit else ()
        held = bool(there) if held is None else held
        certified = self.known.certified.get(name)
        if not held and certified is not None:
            clock = Clock(certified.rule, clock.trigger, clock.triggered_on, certified.due_on)
        gone = ERASED if certified else NOTHING_HELD
        own = state_of(name, clock, self.policy, self.known, self.today)
        return Holding(
            holding=name,
            store=name.split("/", maxsplit=1)[0],
            what=what,
            legal=legal,
            clock=clock,
            state=state or (own if held else gone),
            row_count=row_count,
            files=len(there),
            bytes=sum(map(_size, there)),
            whereabouts=whereabouts(self.folder, name, there),
            owner=self.policy.dpia.evaluation.owner,
        )

    def _drop_ids(self) -> list[str]:
        prefix = units_of.QUARANTINE_PREFIX
        there = {name.removeprefix(prefix) for name in self.units if name.startswith(prefix)}
        return sorted(there | self.known.quarantined)

    def _people(self) -> list[str]:
        """The sources that carry CRNs."""
        return [name for name, s in self.policy.sources.items() if s.crn_field is not None]


def _size(path: Path) -> int:
    """The bytes of a file; none of one that has gone meanwhile, as journals of databases do."""
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


class StoreLines(Lines):
    """Writes the lines of the restricted and the research store, and of the key that links them."""

    def rows_about_people(self) -> Iterator[Holding]:
        """Each agreed source's rows, and the table that maps CRNs to pseudonyms."""
        tables = self._tables("restricted")
        for name in self.policy.sources:
            rows = None
            if tables is not None:
                rows = tables.get(raw_table(name), 0) + self.known.set_aside.get(name, 0)
            yield self._rows(f"restricted/{name}", f"{name} rows", [name], rows)
        people = None if tables is None else tables.get("person_pseudonyms", 0)
        yield self._rows(PEOPLE_LINE, "CRN to pseudonym", self._people(), people)

    def tables(self, store: StoreName) -> Iterator[Holding]:
        """Every other table of a store that has a row, those of a schema together; one that nobody
        declared, too."""
        counted: dict[str, int] = {}
        for table, rows in (self._tables(store) or {}).items():
            name, _, below = table.partition(".")
            declared = self._catalogue.find(store, table)
            if rows and not (declared and (declared.names_files or declared.line)):
                key = f"{name}.*" if below else name
                counted[key] = counted.get(key, 0) + rows
        for table, rows in counted.items():
            what = f"table {table}"
            yield self._rows(f"{store}/{table}", what, list(self.policy.sources), rows)

    def restricted_store(self, rows: Sequence[Holding]) -> Holding:
        """The file, its log, spilled rows, what the landing looked like, and the keys to them."""
        tables = self._tables("restricted")
        count = None if tables is None else sum(tables.values())
        clock = self._personal(units_of.RESTRICTED)
        about_people = tables is None or any(
            count for table, count in tables.items() if table not in self._naming_files
        )
        if self.known.closed and not about_people:
            clock = max(
                (self.clocks.quarantine(drop_id) for drop_id in self._drop_ids()),
                key=lambda found: found.due_on or date.min,
                default=self.clocks.of_rule(rules.QUARANTINE, None),
            )
        what = "restricted store, with its keys"
        return self._store(units_of.RESTRICTED, what, count, clock, rows)

    def research_store(self, rows: Sequence[Holding]) -> Holding:
        """Pseudonymised rows, and the key to them."""
        tables = self._tables("research")
        count = None if tables is None else sum(tables.values())
        clock = self._personal(units_of.RESEARCH)
        return self._store(units_of.RESEARCH, "research store, with its key", count, clock, rows)

    def pseudonym_key(self) -> Holding:
        """The key that links people; after closure a new one links nobody without rows."""
        unit = self.units[units_of.PSEUDONYM]
        tables = {**(self._tables("restricted") or {}), **(self._tables("research") or {})}
        links = any(count for name, count in tables.items() if name not in self._naming_files)
        held = bool(unit.there(self.folder)) and (links or not self.known.closed)
        clock = self._personal(units_of.PSEUDONYM)
        return self._line(
            units_of.PSEUDONYM, "pseudonym key", self._people(), clock, held, unit=unit
        )

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.policy)

    @cached_property
    def _naming_files(self) -> set[str]:
        """Tables of the restricted store that hold names of files, not rows about people."""
        declared = self._catalogue.of_store("restricted").values()
        return {table.name for table in declared if table.names_files}

    def _rows(self, name: str, what: str, sources: list[str], rows: int | None) -> Holding:
        store = f"{name.split('/', maxsplit=1)[0]}/store"
        clock = self.clocks.gathered(self._personal(name, store), sources)
        return self._line(name, what, sources, clock, rows != 0, row_count=rows)

    def _store(
        self, name: str, what: str, count: int | None, clock: Clock, rows: Sequence[Holding]
    ) -> Holding:
        unit = self.units[name]
        there = unit.there(self.folder)
        # After closure an empty store and new keys hold nothing: each run makes them anew.
        held = bool(there) and not (self.known.closed and count == 0)
        sources = list(self.policy.sources)
        line = self._line(name, what, sources, clock, held, row_count=count, unit=unit)
        kept = any(row.is_held and not row.is_due for row in rows)
        if line.is_due and kept:
            return self._line(
                name, what, sources, clock, held, row_count=count, unit=unit, state=PART_KEPT
            )
        return line


class FileLines(Lines):
    """Writes the lines of what lies in files by itself."""

    def quarantined_drops(self) -> Iterator[Holding]:
        """Each drop that could not be taken in: sealed file, key, and the name it came under."""
        for drop_id in self._drop_ids():
            name = units_of.quarantine_unit(drop_id)
            drop = self.known.drops.get(drop_id)
            source = drop.source if drop else "unknown"
            clock = self.clocks.gathered(self.clocks.quarantine(drop_id), [source])
            if not self.known.closed:
                clock = earliest(clock, self._personal(name))
            unit = self.units.get(name, Unit(name, (), ()))
            rows = (
                int(drop_id in self.known.quarantined) if "restricted" in self.known.rows else None
            )
            what = f"quarantined drop {drop_id[:SHOWN_DIGITS]}"
            yield self._line(name, what, [source], clock, True, row_count=rows, unit=unit)

    def bundles(self) -> Iterator[Holding]:
        """Each bundle that answers a subject access request, with its key."""
        for name, unit in self.units.items():
            if name.startswith(units_of.BUNDLE_PREFIX):
                made = self.clocks.bundle(unit, unit.there(self.folder))
                clock = earliest(made, self._personal(name))
                what = f"subject access bundle {name.removeprefix(units_of.BUNDLE_PREFIX)}"
                yield self._line(name, what, list(self.policy.sources), clock, unit=unit)

    def asked(self) -> Iterator[Holding]:
        """Each erasure of a drop or a person that waits: counted as on the day it was asked for."""
        for one in self.known.asked:
            if not self.known.closed or is_kept(self.folder, one.erasure_id):
                name, rows = f"{ASKED_PREFIX}{one.erasure_id}", one.row_count
                sources, clock = list(self.policy.sources), self.clocks.asked(one)
                yield self._line(name, one.what, sources, clock, True, row_count=rows)

    def landing(self) -> Iterator[Holding]:
        """Files whose rows are durable and that should be gone, and files that wait."""
        files = self.units[units_of.LANDED].files
        taken = taken_in_files(self.folder, files, self.known)
        waiting = tuple(path for path in files if path not in taken)
        decided = [on for path in taken if (on := self.clocks.decided_on(taken[path])) is not None]
        clock = self.clocks.of_rule(rules.LANDING, min(decided, default=None))
        what, sources = "files that are taken in", list(self.policy.sources)
        unit = Unit(TAKEN_IN, (), tuple(taken))
        yield self._line(TAKEN_IN, what, sources, clock, bool(taken), unit=unit)
        clock = self.clocks.of_rule(rules.LANDING, None)
        if not self.known.closed:
            clock = earliest(self._personal(WAITING), clock)
        unit = Unit(WAITING, (), waiting)
        what = "files that wait to be taken in"
        yield self._line(WAITING, what, sources, clock, bool(waiting), unit=unit)

    def without_personal_data(self) -> Iterator[Holding]:
        """Releases, registers, the data folder's own files, and Dagster's history."""
        for name, what in (
            (units_of.PUBLISHED, "releases"),
            (units_of.REGISTERS, "registers"),
            (units_of.HOUSEKEEPING, "read-me and run lock"),
        ):
            clock = self.clocks.decided(self.clocks.outputs(), name)
            yield self._line(name, what, None, clock, unit=self.units[name])
        history = self.clocks.of_rule(rules.RUN_HISTORY, None)
        unit = self.units[units_of.DAGSTER]
        state = PRUNED if unit.files else NOTHING_HELD
        yield self._line(units_of.DAGSTER, "Dagster history", None, history, unit=unit, state=state)

    def unaccounted(self) -> Iterator[Holding]:
        """Files that no part of the pipeline put there: for an operator to look at."""
        unit = self.units[units_of.UNACCOUNTED]
        if unit.files:
            what = "files nobody accounts for"
            yield self._line(unit.name, what, ["unknown"], self.clocks.personal(), unit=unit)
