"""Everything Dagster sees: assets, checks, jobs, the sensor, schedules and resources."""

from __future__ import annotations

import safer_streets_assets.seldom_collected  # noqa: F401

# isort: split
import logging
import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from safer_streets_assets.accountability import assets as accountability
from safer_streets_assets.attitudes import assets as attitudes
from safer_streets_assets.attitudes import checks as attitude_checks
from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort import checks as cohort_checks
from safer_streets_assets.disclosure import assets as disclosure
from safer_streets_assets.disclosure.policy_queries import refuse_broken_queries
from safer_streets_assets.intake import assets as intake
from safer_streets_assets.intake import checks as intake_checks
from safer_streets_assets.intake.sensor import build_sensor
from safer_streets_assets.monitoring import assets as monitoring
from safer_streets_assets.monitoring import checks as monitoring_checks
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.release import assets as release
from safer_streets_assets.release.schedule import build_schedule as release_schedule
from safer_streets_assets.reoffending import assets as reoffending
from safer_streets_assets.reoffending import checks as reoffending_checks
from safer_streets_assets.retention import assets as retention
from safer_streets_assets.retention import checks as retention_checks
from safer_streets_assets.retention import jobs as retention_jobs
from safer_streets_assets.retention.enforcement.before_intake import begin_intake
from safer_streets_assets.rights import checks as rights_checks
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets.texts import assets as texts
from safer_streets_assets.texts import checks as text_checks
from safer_streets_assets.watching.sensor import build_sensor as alerts_sensor

EVALUATION_JOB = "evaluation"

# Error texts may hold values from the data: Dagster masks what our own guard has not replaced, and
# the log of what it masked is not kept.
os.environ.setdefault("DAGSTER_REDACT_USER_CODE_ERRORS", "1")
logging.getLogger("dagster.redacted_errors").addFilter(lambda record: False)


def build_defs(
    policy: Policy, resources: Mapping[str, Any] | None = None, data_folder: str = ""
) -> dg.Definitions:
    """The definitions for a policy; `resources` and `data_folder` take the place of the usual.

    Raises:
        PolicyError: a query of the policy cannot be run.
    """
    refuse_broken_queries(policy)
    evaluation_assets = [
        *intake.build_assets(policy, lambda folder: begin_intake(folder, policy, now_utc())),
        *(
            asset
            for stage in (cohort, texts, attitudes, reoffending, monitoring, disclosure, release)
            for asset in stage.build_assets(policy)
        ),
    ]
    evaluation_checks = [
        check
        for stage in (
            intake_checks,
            cohort_checks,
            text_checks,
            attitude_checks,
            reoffending_checks,
            monitoring_checks,
            disclosure,
            release,
        )
        for check in stage.build_checks(policy)
    ]
    evaluation = dg.define_asset_job(
        EVALUATION_JOB,
        selection=dg.AssetSelection.assets(*evaluation_assets),
        description=(
            "Takes in every settled drop and brings everything up to date, to the release. "
            "Blocking checks stop it before anything unsafe is published."
        ),
        executor_def=dg.in_process_executor,
    )
    upkeep = retention_jobs.build_jobs(policy, data_folder)
    looking = accountability.build_job()
    return dg.Definitions(
        assets=[
            *evaluation_assets,
            *retention.build_assets(policy),
            *accountability.build_assets(policy),
        ],
        asset_checks=[
            *evaluation_checks,
            *retention_checks.build_checks(policy),
            *accountability.build_checks(policy),
            *rights_checks.build_checks(policy),
        ],
        jobs=[evaluation, *upkeep, looking],
        sensors=[
            build_sensor(policy, EVALUATION_JOB, data_folder),
            alerts_sensor(policy, EVALUATION_JOB, data_folder),
        ],
        schedules=[
            release_schedule(policy, evaluation, data_folder),
            *retention_jobs.build_schedules(policy, upkeep),
            accountability.build_schedule(policy, looking, data_folder),
        ],
        resources={
            "stores": StoresResource(
                data_folder=data_folder, wait_seconds=policy.dpia.intake.wait_seconds
            ),
            # No step hands a value on; the usual keeper of values takes a folder from run config.
            "io_manager": dg.IOManagerDefinition(dg.mem_io_manager.resource_fn, config_schema={}),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )


defs = build_defs(load_policy())
