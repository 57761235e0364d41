"""When each rule of the schedule strikes for what: the clocks of the retention register."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import inventory as lie
from safer_streets_assets.retention import rules
from safer_streets_assets.retention.bundles import written_at
from safer_streets_assets.retention.conclusion import ERASE
from safer_streets_assets.retention.due import due_date, local_date
from safer_streets_assets.retention.holdings import Clock, earliest
from safer_streets_assets.retention.inventory import Unit
from safer_streets_assets.retention.known import Known

SEALED_STATES = ("quarantined", "refused", "held", "released")
"""States of a drop whose file is sealed in the quarantine folder."""
DECIDED = "decision"
"""What set a clock off that a person set."""


@dataclass(frozen=True)
class Clocks:
    """The clocks of one data folder, from the policy and what is on record."""

    policy: Policy
    known: Known
    units: Mapping[str, Unit]

    def of_rule(self, rule_name: str, triggered_on: date | None) -> Clock:
        """The clock of a rule that was set off on a day, or was not."""
        rule = rules.rule_of(self.policy, rule_name)
        due_on = due_date(triggered_on, rule.after) if triggered_on else None
        return Clock(rule_name, rule.trigger, triggered_on, due_on)

    def personal(self) -> Clock:
        """Of personal data: by its publication, or the conclusion when that strikes first."""
        published = self.of_rule(rules.personal_rule(self.policy), self.known.published_on)
        return earliest(published, self.of_rule(rules.CONCLUSION, self.known.concluded_on))

    def decided(self, clock: Clock, *names: str) -> Clock:
        """The clock, or that of the first of these holdings that was decided about.

        Personal data is never kept past its own date by a decision: that takes an exception.
        """
        found = next((self.known.decisions[n] for n in names if n in self.known.decisions), None)
        if found is None:
            return clock
        until = found.decided_on if found.decision == ERASE else found.until
        if rules.rule_of(self.policy, clock.rule).action == "assess":
            return Clock(clock.rule, DECIDED, found.decided_on, until)
        return earliest(Clock(rules.CONCLUSION, DECIDED, found.decided_on, until), clock)

    def gathered(self, clock: Clock, sources: Collection[str]) -> Clock:
        """The clock, or that of a stage given up for which alone these sources were gathered."""
        days = [
            day
            for gate, day in self.known.stopped.items()
            for own in self.policy.dpia.gates
            if own.name == gate and set(own.gathers) & set(sources)
        ]
        alone = set(sources) <= set(self.policy.dpia.gathered_for(self.known.stopped))
        if not days or not sources or not alone:
            return clock
        return earliest(self.of_rule(rules.STAGE_STOPPED, max(days)), clock)

    def quarantine(self, drop_id: str) -> Clock:
        """Of a drop that could not be taken in."""
        return self.of_rule(rules.QUARANTINE, self._quarantined_on(drop_id))

    def bundle(self, unit: Unit, there: Sequence[Path]) -> Clock:
        """Of a bundle, from when its marker says that it was written, or its newest file was.

        A rotation of keys writes its files anew, and not its marker.
        """
        newest, said = self._newest(there), written_at(unit.files)
        days = [newest, local_date(said, self._timezone) if said else None]
        return self.of_rule(rules.BUNDLES, min((d for d in days if d), default=None))

    def decided_on(self, drop_id: str) -> date | None:
        """The day the ledger says a drop was decided on."""
        drop = self.known.drops.get(drop_id)
        if drop is None or drop.decided_at is None:
            return None
        return local_date(drop.decided_at, self._timezone)

    @property
    def _timezone(self) -> str:
        return self.policy.dpia.evaluation.timezone

    def _quarantined_on(self, drop_id: str) -> date | None:
        """The day it was decided; when another try has overwritten that, the day it was sealed."""
        drop = self.known.drops.get(drop_id)
        if drop is not None and drop.state in SEALED_STATES:
            return self.decided_on(drop_id)
        unit = self.units.get(lie.quarantine_unit(drop_id))
        sealed = self._newest(unit.files) if unit else None
        return sealed or self.decided_on(drop_id)

    def _newest(self, files: Sequence[Path]) -> date | None:
        times = [path.lstat().st_mtime for path in files]
        if not times:
            return None
        return local_date(datetime.fromtimestamp(max(times), UTC), self._timezone)
