"""The accountability registers in Dagster: what waits, its checks, and an hourly look at clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from safer_streets_assets.accountability.breaches import running_clocks
from safer_streets_assets.accountability.export import OVER, Line, what_waits
from safer_streets_assets.accountability.reviews import next_review
from safer_streets_assets.accountability.tables import REGISTERS, ensure_accountability
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.stores import DataFolder, StoreError, open_stores
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.stores.steps import (
    POOL,
    asset_arguments,
    guarded,
    rows_metadata,
    table_of,
)
from safer_streets_assets.stores.stored_table import ColumnDoc

GROUP = "accountability"
ASSET = "accountability_registers"
JOB = "accountability"
DAILY_HOUR = 6
MOST_SHOWN = 50
MOST_IN_WORDS = 10
COLUMNS = {
    "register": ColumnDoc("VARCHAR", "Register in which something waits"),
    "what": ColumnDoc("VARCHAR", "What waits, by a random id, and how much time is left"),
    "state": ColumnDoc("VARCHAR", "waiting, or over when its time has run out"),
}
CHECKS = {
    "breach_clocks": (
        "Who has to hear of a breach has heard of it in time; warns while a clock runs and says "
        "how many hours are left, fails when one has run out."
    ),
    "requests_are_answered": (
        "No request of a person or of an agency is open; warns while one is, fails when its day "
        "has passed."
    ),
    "dpia_review_is_current": (
        "The DPIA was reviewed within the period of the policy; warns when the next review is due, "
        "fails when it is overdue."
    ),
    "contacts_are_named": "Each party has a primary and a secondary contact; warns when not.",
    "dpia_questions_are_answered": (
        "The policy holds to the lawful basis that the DPIA states; warns where the two differ "
        "until the answer stands in the policy."
    ),
}
"""Check to what it says."""


def build_assets(policy: Policy) -> list[dg.AssetsDefinition]:
    """The one asset of this stage."""

    @dg.asset(
        name=ASSET,
        deps=["drop_ledger"],
        pool=POOL,
        **asset_arguments(
            policy,
            group=GROUP,
            description=(
                "Breaches, requests of agencies and of people, reviews of the DPIA, contacts: what "
                "waits for an operator, and how long it may. No personal data on offenders."
            ),
            personal_data="none",
            section="accountability",
            columns=COLUMNS,
        ),
    )
    @guarded
    def accountability_registers(stores: StoresResource) -> dg.MaterializeResult:
        ready_registers(stores.folder, is_locked=True)
        with stores.get_connection(write=["registers"]) as connection:
            ensure_accountability(connection)
            lines = {
                register.title: one_number(
                    connection, f"SELECT count(*) FROM registers.{register.table}"
                )
                for register in REGISTERS
            }
            waiting = what_waits(connection, policy, now_utc())
            today = local_date(now_utc(), policy.dpia.evaluation.timezone)
            review = next_review(connection, policy, today)
        return dg.MaterializeResult(
            metadata=rows_metadata(
                sum(map(len, waiting.values())),
                waits=table_of(
                    {"register": "string", "what": "string", "state": "string"},
                    [line for own in waiting.values() for line in own][:MOST_SHOWN],
                ),
                next_dpia_review=review.shown,
                retention=dg.MetadataValue.asset(dg.AssetKey("retention_register")),
                **{title.lower().replace(" ", "_"): count for title, count in lines.items()},
            )
        )

    return [accountability_registers]


def build_checks(policy: Policy) -> list[dg.AssetChecksDefinition]:
    """One check a register; none of them stops anything."""

    @dg.multi_asset_check(
        name="accountability_is_current",
        specs=[
            dg.AssetCheckSpec(name=name, asset=ASSET, description=description)
            for name, description in CHECKS.items()
        ],
        pool=POOL,
    )
    @guarded
    def accountability_is_current(stores: StoresResource):  # type: ignore[no-untyped-def]
        ready_registers(stores.folder, is_locked=True)
        with stores.get_connection(write=["registers"]) as connection:
            ensure_accountability(connection)
            waiting = what_waits(connection, policy, now_utc())
        for name in CHECKS:
            yield _result(name, waiting[name])

    return [accountability_is_current]


def build_job() -> Any:
    """The job that looks at every register."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(ASSET),
        description="Looks at breaches, requests, reviews and contacts, and says what waits.",
        executor_def=dg.in_process_executor,
    )


def build_schedule(policy: Policy, job: Any, data_folder: str = "") -> dg.ScheduleDefinition:
    """Every hour while the clock of a breach runs, else once a day."""
    timezone = policy.dpia.evaluation.timezone

    @dg.schedule(
        name="accountability_hourly",
        job=job,
        cron_schedule="0 * * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every hour while the clock of a breach runs, else every day at 6.",
    )
    def accountability_hourly(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        at = context.scheduled_execution_time.astimezone(ZoneInfo(timezone))
        if is_wanted(DataFolder.locate(data_folder or None), at):
            return dg.RunRequest()
        return dg.SkipReason("No clock of a breach runs.")

    return accountability_hourly


def is_wanted(folder: DataFolder, at: datetime) -> bool:
    """Whether the registers are looked at in this local hour: in each while a clock runs.

    In each, too, while a run has them open: then the look waits for its end.
    """
    if at.hour == DAILY_HOUR:
        return True
    if not folder.database("registers").exists():
        return False
    try:
        with open_stores(folder, write=["registers"]) as connection:
            ensure_accountability(connection)
            return bool(running_clocks(connection))
    except StoreError:
        return True


def _result(name: str, lines: list[Line]) -> dg.AssetCheckResult:
    late = any(state == OVER for _, _, state in lines)
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=ASSET,
        passed=not lines,
        severity=dg.AssetCheckSeverity.ERROR if late else dg.AssetCheckSeverity.WARN,
        description=in_words([what for _, what, _ in lines]),
        metadata={"waiting": len(lines), "what": [what for _, what, _ in lines[:MOST_SHOWN]]},
    )


def in_words(lines: Sequence[str]) -> str | None:
    """What waits as one sentence, the most urgent first: the check's page folds up a list."""
    if not lines:
        return None
    more = len(lines) - MOST_IN_WORDS
    listed = [*lines[:MOST_IN_WORDS], *([f"{more} more"] if more > 0 else [])]
    return "; ".join(listed) + "."
