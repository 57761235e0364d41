"""The sensor that tells somebody what waits, while Dagster's daemon runs."""

from __future__ import annotations

import dagster as dg

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.database import StoreBusyError
from safer_streets_assets.stores.lock import AnotherRunError, run_lock
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.watching.channels import channels_of
from safer_streets_assets.watching.looking import look, tell_what_is_new
from safer_streets_assets.watching.telling import Delivery

EVERY_SECONDS = 300


def build_sensor(policy: Policy, evaluation_job: str, data_folder: str = "") -> dg.SensorDefinition:
    """The sensor; on by default. `data_folder` is for tests; empty means the usual place."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells somebody, by e-mail, a webhook or a file, what waits: drops not taken in, runs "
            "that failed, erasures, clocks of breaches, requests, reviews. Starts no run. Where "
            "the channels lead is said by the environment (docs/alerts.md)."
        ),
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        folder = DataFolder.locate(data_folder or None)
        try:
            folder.required()
            channels = channels_of()
            with run_lock(folder.lock, what="alerts"):
                now = now_utc()
                found = look(folder, policy, context.instance, now, evaluation_job).found
                done = tell_what_is_new(folder, policy, found, channels, now)
        except (AnotherRunError, StoreBusyError):
            return dg.SkipReason("Something works in the data folder: the look comes after it.")
        except SaferStreetsError as error:
            # Dagster masks the text of every error that is not its own.
            raise dg.DagsterError(str(error)) from None
        if done.failed:
            raise dg.DagsterError(" ".join(done.failed.values()))
        return dg.SkipReason(in_words(len(found), done, set_up=bool(channels)))

    return alerts


def in_words(number: int, done: Delivery, *, set_up: bool) -> str:
    """How many things there are to know, and what was told through which channel."""
    known = "Nothing to tell of." if number == 0 else f"{number} to know of."
    if not set_up:
        return f"{known} No channel is set up (docs/alerts.md)."
    told = [f"{len(new)} told by {channel}" for channel, new in done.told.items()]
    return f"{known} {', '.join(told) or 'Nothing new'}."
