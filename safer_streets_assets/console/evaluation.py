"""`safer-streets run`: the same job the sensor starts, with progress and a summary."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.importing import import_meanwhile
from safer_streets_assets.console.instance import prepare_instance
from safer_streets_assets.console.quotes import settle_quotes
from safer_streets_assets.console.recording import print_waiting, read_what_opens
from safer_streets_assets.console.retention import print_certificates
from safer_streets_assets.demo import write_demo_drops
from safer_streets_assets.disclosure.policy_queries import refuse_broken_queries
from safer_streets_assets.intake.landing import Look, look_at_landing
from safer_streets_assets.intake.ledger_counts import anything_loaded
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.release.showing import show_releases
from safer_streets_assets.release.standing import read_standings
from safer_streets_assets.release.steps import note_steps
from safer_streets_assets.release.up_to_date import NewestRelease, newest_release
from safer_streets_assets.retention import enforce, read_register, resume
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.after_waiting import due_erasures, not_carried_out
from safer_streets_assets.retention.enforcement.before_intake import refuse_when_overdue
from safer_streets_assets.retention.records.chain import refuse_tampered_certificates
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import (
    closed,
    keys_beside_data,
    preflight,
    ready_registers,
)
from safer_streets_assets.stores.registers import ensure_registers, now_utc


def run_evaluation(console: Console, errors: Console, data: Path | None, *, demo: bool) -> bool:
    """Takes in what has settled and publishes what changed; returns whether all went well.

    The caller holds the run's lock.
    """
    policy = load_policy()
    refuse_broken_queries(policy)
    folder = DataFolder.locate(data)
    prepare_instance(folder)
    print_certificates(console, resume(folder, policy, now_utc()))
    preflight(folder)
    _erase_what_is_due(console, folder, policy)
    if (warning := keys_beside_data(folder)) is not None:
        console.print(warning, soft_wrap=True)
    settle_quotes(folder, policy)
    newest = _newest(folder, policy)
    if newest is not None and _shown_again(folder, policy):
        console.print(f"published.duckdb was not that of {newest.current}; now it is.")
        newest = _newest(folder, policy)
    if demo and newest is None and not closed(folder) and _is_empty(folder):
        console.print("There is nothing in the landing folder: writing a year of invented drops.")
        write_demo_drops(folder.landing)
    look = _settle(console, folder, policy)
    if newest is not None and newest.is_up_to_date and not look.settled:
        console.print(f"Nothing new: {newest.release_id} stays as it is.")
    elif newest is None and not look.settled and not anything_loaded(folder):
        console.print(f"Nothing has arrived yet: put drops into {folder.landing}/<source>/.")
        return True
    elif not _run(console, errors, folder, policy):
        return False
    elif (stays := _newest(folder, policy)) is not None and not stays.is_up_to_date:
        console.print(
            "Nothing of what has come since could be proven safe to print: "
            f"{stays.current or stays.release_id} stays as it is; run again when more has come, or "
            "give the policy more proof_seconds.",
            soft_wrap=True,
        )
    if not anything_loaded(folder):
        console.print(
            "No drop could be taken in, so nothing is published: the reasons stand below.",
            soft_wrap=True,
        )
    _warn_of_what_stays(console, folder, policy)
    from safer_streets_assets.console.summary import print_summary

    print_summary(console, folder, policy)
    print_waiting(console, policy, read_what_opens(folder, policy, today_of(policy)))
    return True


def _run(console: Console, errors: Console, folder: DataFolder, policy: Policy) -> bool:
    """Runs the evaluation and, after it, what looks at retention and the registers."""
    import dagster as dg

    from safer_streets_assets.accountability.assets import JOB
    from safer_streets_assets.console.running_jobs import run_job
    from safer_streets_assets.definitions import EVALUATION_JOB, defs
    from safer_streets_assets.intake.orphaned_runs import end_orphaned_runs
    from safer_streets_assets.retention.jobs import RETENTION_JOB

    with dg.DagsterInstance.get() as instance:
        end_orphaned_runs(instance, folder)
        results = [run_job(defs, EVALUATION_JOB, instance, console)]
        if results[0].succeeded:
            only = without_erasing(folder, policy)
            results.append(run_job(defs, RETENTION_JOB, instance, console, only))
            results.append(run_job(defs, JOB, instance, console))
    for sentence in dict.fromkeys(one for result in results for one in result.failures):
        errors.print(sentence, style="red", soft_wrap=True)
    return all(result.succeeded for result in results)


def without_erasing(folder: DataFolder, policy: Policy) -> list[str] | None:
    """Of the retention job the register alone while something is due; None for all of it.

    What is due is erased by the schedule, or by a command for it, and never by the way.
    """
    held = [one for one in read_register(folder, policy, today_of(policy)) if one.is_held]
    return ["retention_register"] if any(one.is_due for one in held) else None


def _settle(console: Console, folder: DataFolder, policy: Policy) -> Look:
    """Two looks, the policy's time apart; files that still arrive are left for the next run.

    A text without a last line end is waited for.
    """
    first = look_at_landing(folder)
    if first.arriving:
        count = len(first.arriving)
        console.print(f"{count} new files: looking twice, so that none is taken while it arrives.")
        import_meanwhile()
        settle, times = policy.dpia.intake.settling
        for _ in range(times):
            time.sleep(settle)
            first = look_at_landing(folder, settle, times)
            if not first.unended:
                break
        if first.arriving:
            console.print(
                f"{len(first.arriving)} files are still arriving: the next run takes them."
            )
    return first


def _warn_of_what_stays(console: Console, folder: DataFolder, policy: Policy) -> None:
    """Says how many files of the landing were neither taken in nor still arriving.

    The summary lists those that are too large.
    """
    left = look_at_landing(folder)
    most = policy.dpia.intake.limits.max_bytes
    unreadable = sum(file.size <= most for file in left.settled)
    if unreadable:
        console.print(
            f"{unreadable} files stay in the landing folder: they cannot be read; give the "
            "pipeline's user access to them."
        )
    if left.not_files:
        console.print(
            f"{left.not_files} things in the landing folder are not files (links, pipes): replace "
            "them by the files themselves."
        )


def _newest(folder: DataFolder, policy: Policy) -> NewestRelease | None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return newest_release(connection, folder, policy)


def _shown_again(folder: DataFolder, policy: Policy) -> bool:
    """Brings the published folder in line with the register; whether the database was another."""
    with open_stores(folder, write=["registers"]) as connection:
        standings = read_standings(folder, connection)
        note_steps(folder, connection)
        return show_releases(folder, policy, standings)


def _is_empty(folder: DataFolder) -> bool:
    return (
        not any(path.is_file() for path in folder.landing.rglob("*"))
        and not folder.database("restricted").exists()
    )


def _erase_what_is_due(console: Console, folder: DataFolder, policy: Policy) -> None:
    """Erases files whose time is over and what was asked for and has waited for its day; rows about
    people that are due are refused, so that nobody ends the evaluation by a run.
    """
    ready_registers(folder, is_locked=True)
    refuse_tampered_certificates(folder)
    over, today = refuse_when_overdue(folder, policy, now_utc()), today_of(policy)
    if over or due_erasures(folder, policy, today):
        print_certificates(console, enforce(folder, policy, today, now_utc()))
        if left := due_erasures(folder, policy, today):
            console.print(not_carried_out(folder, policy, left), soft_wrap=True)
