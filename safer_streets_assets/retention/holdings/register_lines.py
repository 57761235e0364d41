"""How a line of the retention register is written, from what lies there and what is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings import inventory as lie
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.clocks import Clocks
from safer_streets_assets.retention.holdings.holding import ERASED, NOTHING_HELD, Clock, Holding
from safer_streets_assets.retention.holdings.inventory import Unit
from safer_streets_assets.retention.holdings.known import Known
from safer_streets_assets.retention.holdings.states import state_of
from safer_streets_assets.retention.holdings.whereabouts import whereabouts
from safer_streets_assets.stores import DataFolder


@dataclass(frozen=True)
class Lines:
    """What lines are written from: the register's parts extend it."""

    folder: DataFolder
    policy: Policy
    today: date
    known: Known
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
        prefix = lie.QUARANTINE_PREFIX
        there = {name.removeprefix(prefix) for name in self.units if name.startswith(prefix)}
        return sorted(there | self.known.quarantined)

    def _people(self) -> list[str]:
        """The sources that carry CRNs."""
        named = self.policy.sources.items()
        return [name for name, s in named if any(field.kind == "crn" for field in s.fields)]


def _size(path: Path) -> int:
    """The bytes of a file; none of one that has gone meanwhile, as journals of databases do."""
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
