"""The lines of the retention register about stores: rows, tables, their files and keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from safer_streets_assets.cohort.catalogue import PEOPLE_LINE
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.retention.holdings import inventory as lie
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.holding import PART_KEPT, Clock, Holding
from safer_streets_assets.retention.holdings.register_lines import Lines
from safer_streets_assets.stores import StoreName
from safer_streets_assets.stores.catalogue import Catalogue


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
        catalogue = Catalogue(self.policy)
        counted: dict[str, int] = {}
        for table, rows in (self._tables(store) or {}).items():
            name, _, below = table.partition(".")
            declared = catalogue.find(store, table)
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
        clock = self._personal(lie.RESTRICTED)
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
        return self._store(lie.RESTRICTED, what, count, clock, rows)

    def research_store(self, rows: Sequence[Holding]) -> Holding:
        """Pseudonymised rows, and the key to them."""
        tables = self._tables("research")
        count = None if tables is None else sum(tables.values())
        clock = self._personal(lie.RESEARCH)
        return self._store(lie.RESEARCH, "research store, with its key", count, clock, rows)

    def pseudonym_key(self) -> Holding:
        """The key that links people; after closure a new one links nobody without rows."""
        unit = self.units[lie.PSEUDONYM]
        tables = {**(self._tables("restricted") or {}), **(self._tables("research") or {})}
        links = any(count for name, count in tables.items() if name not in self._naming_files)
        held = bool(unit.there(self.folder)) and (links or not self.known.closed)
        clock = self._personal(lie.PSEUDONYM)
        return self._line(lie.PSEUDONYM, "pseudonym key", self._people(), clock, held, unit=unit)

    @property
    def _naming_files(self) -> set[str]:
        """Tables of the restricted store that hold names of files, not rows about people."""
        declared = Catalogue(self.policy).of_store("restricted").values()
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
