"""The lines of the retention register about files: quarantine, bundles, landing, outputs; and about
erasures that wait, which lie sealed in files too."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.retention.holdings import inventory as lie
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.asked import is_kept
from safer_streets_assets.retention.holdings.holding import (
    ASKED_PREFIX,
    NOTHING_HELD,
    PRUNED,
    TAKEN_IN,
    WAITING,
    Holding,
    earliest,
)
from safer_streets_assets.retention.holdings.inventory import Unit
from safer_streets_assets.retention.holdings.known import taken_in_files
from safer_streets_assets.retention.holdings.register_lines import Lines
from safer_streets_assets.stores.ids import SHOWN_DIGITS


class FileLines(Lines):
    """Writes the lines of what lies in files by itself."""

    def quarantined_drops(self) -> Iterator[Holding]:
        """Each drop that could not be taken in: sealed file, key, and the name it came under."""
        for drop_id in self._drop_ids():
            name = lie.quarantine_unit(drop_id)
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
            if name.startswith(lie.BUNDLE_PREFIX):
                made = self.clocks.bundle(unit, unit.there(self.folder))
                clock = earliest(made, self._personal(name))
                what = f"subject access bundle {name.removeprefix(lie.BUNDLE_PREFIX)}"
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
        files = self.units[lie.LANDED].files
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
            (lie.PUBLISHED, "releases"),
            (lie.REGISTERS, "registers"),
            (lie.HOUSEKEEPING, "read-me and run lock"),
        ):
            clock = self.clocks.decided(self.clocks.outputs(), name)
            yield self._line(name, what, None, clock, unit=self.units[name])
        history = self.clocks.of_rule(rules.RUN_HISTORY, None)
        unit = self.units[lie.DAGSTER]
        state = PRUNED if unit.files else NOTHING_HELD
        yield self._line(lie.DAGSTER, "Dagster history", None, history, unit=unit, state=state)

    def unaccounted(self) -> Iterator[Holding]:
        """Files that no part of the pipeline put there: for a person to look at."""
        unit = self.units[lie.UNACCOUNTED]
        if unit.files:
            what = "files nobody accounts for"
            yield self._line(unit.name, what, ["unknown"], self.clocks.personal(), unit=unit)
