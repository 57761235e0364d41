"""What the commands of `safer-streets release` and `share` do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.approval_words import approved_in_words, decided_in_words
from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.release import approving, sharing
from safer_streets_assets.release.changelog import sections
from safer_streets_assets.release.checksums import read_quotes, read_record, read_tables
from safer_streets_assets.release.consistency import refuse_damaged
from safer_streets_assets.release.errors import ReleaseError
from safer_streets_assets.release.quotes import quotes_changed
from safer_streets_assets.release.standing import Standing, Standings, read_standings
from safer_streets_assets.release.wording import begun
from safer_streets_assets.retention.holdings.on_record import readable
from safer_streets_assets.retention.records.recording import words
from safer_streets_assets.stores import DataFolder, StoreError, StoreName, open_stores
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.register_copy import keep_copy
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.who import who_acts


def list_releases(console: Console, data: Path | None) -> None:
    """Prints every release, the newest first."""
    folder = DataFolder.locate(data)
    with _registers(folder) as connection:
        standings = read_standings(folder, connection)
    if not standings.releases:
        console.print("No release was made yet: safer-streets run makes one.")
        return
    print_table(
        console,
        "Releases (for the unit only)",
        ("release", "made on", "stands", "built by", "decided", "shared with"),
        [
            (
                one.release_id,
                f"{one.made_at:%Y-%m-%d}",
                one.state,
                "" if one.built_by is None else one.built_by.name,
                decided_in_words(one),
                _shared(one),
            )
            for one in reversed(standings.releases)
        ],
    )


def approve_release(console: Console, data: Path | None, given: str) -> None:
    """Makes a candidate the current release."""
    folder, policy = DataFolder.locate(data), load_policy()
    with _registers(folder) as connection:
        done = approving.approve(folder, connection, policy, given, who_acts(), now_utc())
    said = begun(approved_in_words(done))
    _say(console, folder, f"{said}. It is the current release.")


def reject_release(console: Console, data: Path | None, given: str, reason: str) -> None:
    """Rejects a candidate, with a reason that names nobody."""
    folder, policy = DataFolder.locate(data), load_policy()
    why = _line(folder, policy, reason)
    with _registers(folder) as connection:
        done = approving.reject(folder, connection, policy, given, who_acts(), why, now_utc())
    _say(
        console,
        folder,
        f"{done.release_id} is rejected. Its folder is closed; later releases are protected "
        "against it all the same.",
    )


def roll_back_release(
    console: Console, data: Path | None, given: str, reason: str | None, *, yes: bool
) -> None:
    """Makes an earlier release the current one again, after asking: that withdraws later ones."""
    folder, policy = DataFolder.locate(data), load_policy()
    why = None if reason is None else _line(folder, policy, reason)
    with _registers(folder) as connection:
        release, later = approving.to_roll_back(read_standings(folder, connection), given)
    if later:
        gone = ", ".join(one.release_id for one in later)
        console.print(f"This withdraws for good: {gone}.", soft_wrap=True, markup=False)
        prompt = f"Type {release.release_id} to make it the current release again"
        Question(release.release_id, prompt, yes=yes).ask()
    with _registers(folder) as connection:
        done = approving.roll_back(folder, connection, policy, given, who_acts(), why, now_utc())
    if not later:
        _say(console, folder, f"{done.release_id} is the current release already.")
        return
    _say(
        console,
        folder,
        f"{done.release_id} is the current release again. What was published after it is "
        "withdrawn, and who read it knows it: later releases are protected against it.",
    )


def print_difference(console: Console, data: Path | None, given: str, other: str) -> None:
    """Prints what the second release says otherwise than the first, in words."""
    folder, policy = DataFolder.locate(data), load_policy()
    with _registers(folder) as connection:
        standings: Standings = read_standings(folder, connection)
    first, second = standings.find(given), standings.find(other)
    if first.release_id == second.release_id:
        raise ReleaseError("They are the same release: give two.")
    for one in (first, second):
        refuse_damaged(folder, one)
    places = [folder.releases / one.release_id for one in (first, second)]
    before, now = (read_tables(place) for place in places)
    quotes_before, quotes_now = (read_quotes(place) for place in places)
    levels = read_record(folder.releases / second.release_id)["structure"].get("levels", {})
    console.print(
        f"What {second.release_id} ({second.state}) says otherwise than {first.release_id} "
        f"({first.state}). Only figures that both print are compared. For the unit only.",
        soft_wrap=True,
    )
    quotes = list(quotes_changed(quotes_now, quotes_before))
    for line in sections(policy.at_levels(levels), now, before, quotes):
        console.print(line, soft_wrap=True, markup=False)


def share_release(
    console: Console, data: Path | None, recipient: str, out: Path, given: str | None
) -> None:
    """Writes the tables of the current release for a recipient of the policy."""
    folder, policy = DataFolder.locate(data), load_policy()
    with _registers(folder) as connection:
        done = sharing.share(
            folder, connection, policy, recipient, out.absolute(), given, who_acts(), now_utc()
        )
    did = "are in the folder" if done.changed else "were in the folder already"
    _say(
        console,
        folder,
        f"The tables of {done.release_id} for {done.recipient} {did}, and the register says so.",
    )


@contextmanager
def _registers(folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """The registers, for writing, while no run goes on."""
    ready_registers(folder)
    with (
        run_lock(folder.lock, WAIT_SECONDS),
        open_stores(folder, write=["registers"]) as connection,
    ):
        yield connection


def _line(folder: DataFolder, policy: Policy, reason: str) -> str:
    """A reason for the register, which names nobody in the data."""
    ready_registers(folder)
    line = words(reason, "the reason", policy)
    read: list[StoreName] = [one for one in readable(folder) if one != "research"]
    if "restricted" not in read and folder.database("restricted").exists():
        raise StoreError(
            "The restricted store does not open, so it cannot be told whether the reason names "
            "somebody in it: put its key or its file back from the backup first."
        )
    with open_stores(folder, read=read) as connection:
        refuse_identifying(connection, policy, [line])
    return line


def _say(console: Console, folder: DataFolder, sentence: str) -> None:
    keep_copy(folder)
    console.print(sentence, soft_wrap=True, markup=False)


def _shared(release: Standing) -> str:
    return ", ".join(
        f"{one.recipient} on {one.happened_at:%Y-%m-%d} by {one.by_user}" for one in release.shared
    )
