"""When each rule of the schedule strikes for what, and how a holding stands by that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import due_date, local_date
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.asked import AskedErasure
from safer_streets_assets.retention.holdings.bundles import written_at
from safer_streets_assets.retention.holdings.holding import (
    DUE,
    EXCEPTED,
    FOR_ASSESSMENT,
    HELD_UNTIL,
    NOT_TRIGGERED,
    REVIEW_DUE,
    Clock,
    earliest,
    shown_name,
    state_on,
)
from safer_streets_assets.retention.holdings.inventory import Unit
from safer_streets_assets.retention.holdings.on_record import OnRecord
from safer_streets_assets.retention.records.conclusion import ERASE
from safer_streets_assets.retention.records.exceptions import RetentionException
from safer_streets_assets.retention.records.publications import Counted, counted

SEALED_STATES = ("quarantined", "refused", "held", "released")
"""States of a drop whose file is sealed in the quarantine folder."""
DECIDED = "decision"
"""What set a clock off that an operator set."""
TAKE_BACK = "--why WHY --by ROLE"
"""What the commands that take a decision back ask for."""


@dataclass(frozen=True)
class Clocks:
    """The clocks of one data folder on a day, from the policy and what is on record.

    Whatever an operator recorded strikes no sooner than the policy's notice after that day.
    """

    policy: Policy
    known: OnRecord
    units: Mapping[str, Unit]
    today: date

    @cached_property
    def published(self) -> Counted | None:
        """The publication that counts today, or None."""
        return counted(self.known.publications, self.policy, self.today)

    def of_rule(self, rule_name: str, triggered_on: date | None) -> Clock:
        """The clock of a rule that was set off on a day, or was not."""
        rule = rules.rule_of(self.policy, rule_name)
        due_on = due_date(triggered_on, rule.after) if triggered_on else None
        return Clock(rule_name, rule.trigger, triggered_on, due_on)

    def with_notice(self, clock: Clock, recorded_on: date, stopped_by: str) -> Clock:
        """The clock that a record of that day set off; the command takes the record back."""
        if clock.due_on is None:
            return clock
        soonest = recorded_on + timedelta(days=self.policy.dpia.retention.notice_days)
        due_on = max(clock.due_on, soonest)
        return replace(clock, due_on=due_on, recorded_on=recorded_on, stopped_by=stopped_by)

    def outputs(self) -> Clock:
        """Of what is published, which nothing but a decision erases."""
        published = self.published
        on = published.publication.published_on if published else None
        return self.of_rule(rules.OUTPUTS, on)

    def personal(self) -> Clock:
        """Of personal data: by its publication, or the conclusion when that strikes first."""
        return earliest(self._by_publication(), self._by_conclusion())

    def decided(self, clock: Clock, *names: str) -> Clock:
        """The clock, or that of the first of these holdings that was decided about.

        Personal data is never kept past its own date by a decision: that takes an exception.
        """
        found = next((self.known.decisions[n] for n in names if n in self.known.decisions), None)
        if found is None:
            return clock
        erased = found.decision == ERASE
        until = found.decided_on if erased else found.until
        assessed = rules.rule_of(self.policy, clock.rule).action == "assess"
        rule = clock.rule if assessed else rules.CONCLUSION
        own = Clock(rule, DECIDED, found.decided_on, until)
        if erased or not assessed:
            undo = f"safer-streets conclusion withdraw {shown_name(found.holding)} {TAKE_BACK}"
            own = self.with_notice(own, found.decided_on, undo)
        return own if assessed else earliest(own, clock)

    def gathered(self, clock: Clock, sources: Collection[str]) -> Clock:
        """The clock, or that of a stage given up for which alone these sources were gathered."""
        stopped = [
            self._by_stage(own.name)
            for own in self.policy.dpia.gates
            if own.name in self.known.stopped and set(own.gathers) & set(sources)
        ]
        alone = set(sources) <= set(self.policy.dpia.gathered_for(self.known.stopped))
        if not stopped or not sources or not alone:
            return clock
        return earliest(max(stopped, key=lambda one: one.due_on or date.min), clock)

    def after_exceptions(self, clock: Clock, *names: str) -> Clock:
        """The clock of a holding, after the end of an exception that held it, or its store, back.

        What was due long before does not go on the day on which the exception is ended.
        """
        ended = [self.known.ended[name] for name in names if name in self.known.ended]
        if not ended:
            return clock
        undo = f"safer-streets exceptions add {shown_name(names[0])}"
        after = self.with_notice(clock, max(ended), undo)
        return clock if after.due_on == clock.due_on else after

    def _by_publication(self) -> Clock:
        rule, published = rules.personal_rule(self.policy), self.published
        if published is None:
            return self.of_rule(rule, None)
        undo = (
            f"safer-streets publication withdraw {published.publication.publication_id} --why WHY"
        )
        clock = self.of_rule(rule, published.publication.published_on)
        return self.with_notice(clock, published.since, undo)

    def _by_conclusion(self) -> Clock:
        found = self.known.concluded
        if found is None:
            return self.of_rule(rules.CONCLUSION, None)
        undo = f"safer-streets conclusion withdraw {TAKE_BACK}"
        clock = self.of_rule(rules.CONCLUSION, found.on_date)
        return self.with_notice(clock, local_date(found.recorded_at, self._timezone), undo)

    def _by_stage(self, gate: str) -> Clock:
        found = self.known.stopped[gate]
        undo = f"safer-streets stage withdraw {gate} {TAKE_BACK}"
        clock = self.of_rule(rules.STAGE_STOPPED, found.on_date)
        return self.with_notice(clock, local_date(found.recorded_at, self._timezone), undo)

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

    def asked(self, asked: AskedErasure) -> Clock:
        """Of an erasure that was asked for: on the day that was said then."""
        on = local_date(asked.asked_at, self._timezone)
        rule = rules.rule_of(self.policy, rules.ON_REQUEST)
        return Clock(rules.ON_REQUEST, rule.trigger, on, asked.due_on, on, asked.stopped_by)

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
        unit = self.units.get(units_of.quarantine_unit(drop_id))
        sealed = self._newest(unit.files) if unit else None
        return sealed or self.decided_on(drop_id)

    def _newest(self, files: Sequence[Path]) -> date | None:
        times = [path.lstat().st_mtime for path in files]
        if not times:
            return None
        return local_date(datetime.fromtimestamp(max(times), UTC), self._timezone)


def state_of(name: str, clock: Clock, policy: Policy, known: OnRecord, today: date) -> str:
    """The state of a holding that is held.

    An exception keeps it whatever its clock says. What is only to be assessed is never due before
    an operator has decided; what is personal is up for assessment once the project concluded.
    """
    found = standing_on(name, known)
    if found is not None:
        return REVIEW_DUE if found.review_is_due(today) else EXCEPTED
    state = state_on(today, clock.due_on, policy.dpia.retention.warn_days)
    if rules.rule_of(policy, clock.rule).action == "assess":
        return FOR_ASSESSMENT if state in DUE and not _erased_by_decision(name, known) else state
    waits = known.concluded is not None and clock.trigger != DECIDED
    if waits and clock.rule in (rules.personal_rule(policy), rules.CONCLUSION):
        return FOR_ASSESSMENT if state in (HELD_UNTIL, NOT_TRIGGERED) else state
    return state


def standing_on(name: str, known: OnRecord) -> RetentionException | None:
    """The exception that holds a holding back: its own, or that of the store it is a part of."""
    store = f"{name.split('/', maxsplit=1)[0]}/store"
    return known.exceptions.get(name) or known.exceptions.get(store)


def _erased_by_decision(name: str, known: OnRecord) -> bool:
    decision = known.decisions.get(name)
    return decision is not None and decision.decision == ERASE
