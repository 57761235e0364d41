"""Which of Dagster's runs are older than the policy keeps them: the date only, no Dagster."""

from __future__ import annotations

from datetime import datetime

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import earlier_by
from safer_streets_assets.retention.rules import RUN_HISTORY, rule_of


def prune_before(policy: Policy, now: datetime) -> datetime:
    """Runs that ended before this time are to be deleted (same offset as `now`).

    Raises:
        RetentionError: the policy has no rule for run history.
    """
    return earlier_by(now, rule_of(policy, RUN_HISTORY).after)
