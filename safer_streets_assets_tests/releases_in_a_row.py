"""Releases of an invented year one after the other, from aggregates to the last gate.

Each is protected with all before it, attacked as it would be printed, and held before the gate that
nothing passes which may not be printed: what the pipeline does, without its stores and files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from safer_streets_assets.disclosure.core import PublishedRelease
from safer_streets_assets.disclosure.core_tables import RecordedLevels
from safer_streets_assets.disclosure.earlier import as_published, structure_of
from safer_streets_assets.disclosure.importance import headline_rows
from safer_streets_assets.disclosure.levels import at_levels
from safer_streets_assets.disclosure.printed_before import PrintedBefore
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.repairing import protect_release
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.content import ReleaseContent, release_tables
from safer_streets_assets.release.final_check import refuse_unsafe
from safer_streets_assets_tests.generated_years import Month

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Made:
    """A release: the policy with its levels, the true tables at these, and what is printed."""

    policy: Policy
    levels: RecordedLevels
    truth: Frames
    protected: ProtectedTables
    seconds: float

    def counts(self) -> Iterator[tuple[str, str, pd.Series, pd.Series, pd.Series]]:
        """For each table and count the true figures, the printed ones, and how important the rows
        are (see `headline_rows`)."""
        for name, frame in self.truth.items():
            rows = headline_rows(self.policy, name, frame)
            for count in self.policy.tables.tables[name].counts:
                true = frame[count].astype("Int64")
                yield name, count, true, self.protected.tables[name][count], rows

    def furthest_from_the_truth(self) -> int:
        """By how many the printed count that is least true differs from the truth."""
        far = [
            int((printed - true).abs().max())
            for _, _, true, printed, _ in self.counts()
            if printed.notna().any()
        ]
        return max(far, default=0)

    def hidden(self) -> dict[str, int]:
        """By table how many counts above zero are not printed."""
        found: dict[str, int] = {}
        for name, _, true, printed, _ in self.counts():
            found[name] = found.get(name, 0) + int((true.gt(0) & printed.isna()).sum())
        return found


def publish_in_a_row(policy: Policy, months: Sequence[Month]) -> Iterator[Made]:
    """Publishes the aggregates of one month after the other.

    Raises:
        UnsafeReleaseError: the gate refuses a release.
    """
    previous: list[PublishedRelease] = []
    before = PrintedBefore()
    recorded: dict[str, dict[str, str]] = {}
    for aggregates, reasons in months:
        began = time.process_time()
        chosen = protect_release(policy, aggregates, recorded, previous, reasons, before)
        made = chosen.protected
        content = ReleaseContent(made.tables, made.summary, {}, {}, ["a drop"])
        refuse_unsafe(chosen.policy, release_tables(chosen.policy, content))
        seconds = time.process_time() - began
        for choice in chosen.choices:
            recorded[choice.table_name] = dict(chosen.levels[choice.table_name])
        structure = structure_of(made, chosen.levels)
        name = f"r{len(previous)}"
        printed = as_published(
            name, structure, made.tables, made.core.not_monotone, made.core.alone, made.of_day
        )
        previous.append(printed)
        before = before.then(made.tables, made.core.evidence)
        yield Made(
            chosen.policy, chosen.levels, at_levels(aggregates, chosen.levels), made, seconds
        )
