"""Prints how things stand; tells through the channels what is new."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.failed_commands import sentence_of
from safer_streets_assets.console.instance import open_whole_instance
from safer_streets_assets.definitions import EVALUATION_JOB
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.evaluation import refuse_other_evaluation
from safer_streets_assets.stores.lock import AnotherRunError, holder_of, run_lock
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.watching.channels import ChannelError, Message, channels_of
from safer_streets_assets.watching.looking import look, tell_what_is_new
from safer_streets_assets.watching.sensor import in_words
from safer_streets_assets.watching.status import OK, UNKNOWN, Status, status_of

PATIENCE_SECONDS = 5.0
"""A monitoring agent waits for an answer no longer than some seconds."""


def print_status(console: Console, data: Path | None) -> int:
    """Prints how a data folder stands, and returns the exit code: 0, 1, 2, or 3 where it cannot be
    told.

    While a run goes on its stores are its own: then that is what is said, and it is well.
    """
    try:
        return _status(console, DataFolder.locate(data).required())
    except Exception as error:
        console.print(f"UNKNOWN  {sentence_of(error)}", soft_wrap=True, markup=False)
        return UNKNOWN


def _status(console: Console, folder: DataFolder) -> int:
    refuse_other_evaluation(folder)
    policy = load_policy()
    channels = channels_of()
    with open_whole_instance(folder) as instance:
        try:
            with run_lock(folder.lock, PATIENCE_SECONDS, "safer-streets status"):
                now = now_utc()
                looked = look(folder, policy, instance, now, EVALUATION_JOB)
                status = status_of(folder, policy, looked, instance, channels, now)
        except AnotherRunError:
            console.print(
                f"OK  {holder_of(folder.lock)} goes on: how things stand is said after it.",
                soft_wrap=True,
                markup=False,
            )
            return OK
    _print(console, status)
    return status.code


def send_alerts(console: Console, data: Path | None) -> None:
    """Tells what is new. The caller holds the folder's lock.

    Raises:
        ChannelError: no channel is set up, or one did not take what it was to tell.
    """
    policy = load_policy()
    folder = DataFolder.locate(data)
    channels = channels_of()
    if not channels:
        raise ChannelError(
            "No channel is set up: give SAFER_STREETS_SMTP_HOST, SAFER_STREETS_WEBHOOK or "
            "SAFER_STREETS_ALERTS_FILE (docs/alerts.md)."
        )
    with open_whole_instance(folder) as instance:
        now = now_utc()
        found = look(folder, policy, instance, now, EVALUATION_JOB).found
        done = tell_what_is_new(folder, policy, found, channels, now)
    console.print(in_words(len(found), done, set_up=True), soft_wrap=True, markup=False)
    if done.failed:
        raise ChannelError(" ".join(done.failed.values()))


def try_channels(console: Console) -> None:
    """Sends one line through each channel.

    Raises:
        ChannelError: none is set up, or one did not take it.
    """
    name, channels = load_policy().dpia.evaluation.name, channels_of()
    if not channels:
        console.print("No channel is set up (docs/alerts.md).")
        return
    now = now_utc()
    line = {"severity": "notice", "kind": "try", "what": "This is a try: nothing waits."}
    failed = []
    for channel, send in channels.items():
        try:
            send(
                Message(
                    f"{name}: a try", [line], f"try-{now:%Y%m%d%H%M%S}", now.replace(tzinfo=UTC)
                )
            )
            console.print(f"{channel}: taken")
        except ChannelError as error:
            console.print(f"{channel}: not taken")
            failed.append(str(error))
    if failed:
        raise ChannelError(" ".join(failed))


def _print(console: Console, found: Status) -> None:
    width = max(len(label) for label, _ in found.lines) + 2
    for label, says in found.lines:
        console.print(f"{label:{width}}{says}", soft_wrap=True, markup=False, highlight=False)
