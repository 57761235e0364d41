"""The checks of retention: nothing is late, and nothing lies on disk that no holding explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.after_waiting import what_is_stuck
from safer_streets_assets.retention.holdings.holding import AMBER, OVERDUE, Holding
from safer_streets_assets.retention.holdings.notice import waiting
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.holdings.strays import find_strays, what_to_do
from safer_streets_assets.retention.records.chain import broken_in_words, look_at_chain
from safer_streets_assets.retention.records.open_erasures import read_open
from safer_streets_assets.retention.schedule_state import DAILY, what_is_off
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import POOL, guarded

SOON = "due within"
MOST_IN_WORDS = 5


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """The checks of retention."""
    return [
        _nothing_overdue(policy),
        _no_erasure_waits(policy),
        _every_erasure_is_verified(),
        _enforced_every_day(policy),
        _everything_is_known(policy),
        _chain_is_whole(),
    ]


def judge(holdings: Sequence[Holding]) -> tuple[bool, bool, dict[str, list[str]]]:
    """Whether all is well, whether anything is overdue, and what to look at, by its state.

    Something is not well when it is due, soon will be, waits for an operator's assessment, or is
    held by an exception whose review is due.
    """
    listed: dict[str, list[str]] = {}
    for holding in holdings:
        noted = holding.is_due or holding.state.startswith(SOON) or holding.state in AMBER
        if holding.is_held and noted:
            listed.setdefault(holding.state, []).append(holding.what)
    return not listed, OVERDUE in listed, listed


def in_words(listed: Mapping[str, Sequence[str]]) -> str | None:
    """What to look at as one sentence, what is late first: the check's page folds up a list."""
    if not listed:
        return None
    parts = []
    for state in sorted(listed, key=lambda state: (state != OVERDUE, state.startswith(SOON))):
        own = listed[state]
        more = len(own) - MOST_IN_WORDS
        names = [*own[:MOST_IN_WORDS], *([f"{more} more"] if more > 0 else [])]
        parts.append(f"{state}: {', '.join(names)}")
    return "; ".join(parts) + "."


def _nothing_overdue(policy: Policy) -> dg.AssetChecksDefinition:
    days = ", ".join(map(str, policy.dpia.retention.warn_days))

    @dg.asset_check(
        asset="retention_enforcement",
        name="nothing_overdue",
        pool=POOL,
        description=(
            f"Nothing that is due is still held. Warns {days} days before something is due, when "
            "something waits for an operator's assessment, and when the review of an exception is "
            "due; what is overdue is an error."
        ),
    )
    @guarded
    def nothing_overdue(stores: StoresResource) -> dg.AssetCheckResult:
        fine, late, listed = judge(read_register(stores.folder, policy, today_of(policy)))
        due = [what for state, own in listed.items() if not state.startswith(SOON) for what in own]
        soon = [what for state, own in listed.items() if state.startswith(SOON) for what in own]
        metadata: dict[str, Any] = {"due": due, "due_soon": soon, "by_state": listed}
        return dg.AssetCheckResult(
            passed=fine,
            severity=_severity(late),
            description=in_words(listed),
            metadata=metadata,
        )

    return nothing_overdue


def _no_erasure_waits(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="retention_enforcement",
        name="no_erasure_waits",
        pool=POOL,
        description=(
            "Nothing that an operator recorded is about to erase data. Warns each day while it "
            "waits, with what will go, when, the command that stops it, and what is in its way "
            "when its day has come."
        ),
    )
    @guarded
    def no_erasure_waits(stores: StoresResource) -> dg.AssetCheckResult:
        today = today_of(policy)
        holdings = read_register(stores.folder, policy, today)
        waits = waiting(policy, holdings)
        said = [f"{one.sentence_on(today)}." for one in waits]
        said += [stuck] if (stuck := what_is_stuck(stores.folder, policy, holdings)) else []
        return dg.AssetCheckResult(
            passed=not waits,
            severity=dg.AssetCheckSeverity.WARN,
            description=" ".join(said) or None,
            metadata={
                "erased_on": [f"{one.due_on}" for one in waits],
                "holdings": sum(len(one.holdings) for one in waits),
                "stopped_by": [one.stopped_by for one in waits],
            },
        )

    return no_erasure_waits


def _every_erasure_is_verified() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="retention_enforcement",
        name="every_erasure_is_verified",
        pool=POOL,
        description=(
            "Everything that is erased has its certificate. Fails each day while something that is "
            "equal to a part of it stands somewhere, with the place and the command that settles "
            "it; nothing else waits for that."
        ),
    )
    @guarded
    def every_erasure_is_verified(stores: StoresResource) -> dg.AssetCheckResult:
        left = read_open(stores.folder)
        return dg.AssetCheckResult(
            passed=not left,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(one.sentence for one in left) or None,
            metadata={"erasures": len(left), "where": [p for one in left for p in one.places]},
        )

    return every_erasure_is_verified


def _enforced_every_day(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="retention_enforcement",
        name="enforced_every_day",
        description=(
            f"The schedule {DAILY} is on, and Dagster's daemon, which starts it, is there. Warns "
            "when not: then what is due is erased by a command alone."
        ),
    )
    @guarded
    def enforced_every_day(context) -> dg.AssetCheckResult:  # type: ignore[no-untyped-def]
        off = what_is_off(context.instance, policy.dpia.evaluation.timezone, now_utc())
        return dg.AssetCheckResult(
            passed=not off,
            severity=dg.AssetCheckSeverity.WARN,
            description=" ".join(off) or None,
        )

    return enforced_every_day


def _everything_is_known(policy: Policy) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="retention_register",
        name="everything_is_known",
        pool=POOL,
        description=(
            "Walks the data folder: every file belongs to a holding of the register. Backups of "
            "editors, temporary files, core dumps and anything else nobody accounts for are an "
            "error. Tells how many lie in which folder, and no names."
        ),
    )
    @guarded
    def everything_is_known(stores: StoresResource) -> dg.AssetCheckResult:
        strays = find_strays(stores.folder, policy)
        return dg.AssetCheckResult(
            passed=not strays,
            severity=dg.AssetCheckSeverity.ERROR,
            description=what_to_do(strays) if strays else None,
            metadata={"files": sum(s.files for s in strays), "where": [s.sentence for s in strays]},
        )

    return everything_is_known


def _severity(late: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if late else dg.AssetCheckSeverity.WARN


def _chain_is_whole() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="deletion_certificate",
        name="certificate_chain_is_whole",
        pool=POOL,
        description="No certificate was edited, exchanged or taken out since it was written.",
    )
    @guarded
    def certificate_chain_is_whole(stores: StoresResource) -> dg.AssetCheckResult:
        ready_registers(stores.folder, is_locked=True)
        with stores.get_connection(read=["registers"]) as connection:
            chain = look_at_chain(stores.folder, connection)
        return dg.AssetCheckResult(
            passed=chain.broken_at is None,
            severity=dg.AssetCheckSeverity.ERROR,
            description=broken_in_words(chain),
            metadata={
                "certificates": chain.certificates,
                "last_hash": chain.last_hash,
                "broken_at": chain.broken_at or 0,
            },
        )

    return certificate_chain_is_whole
