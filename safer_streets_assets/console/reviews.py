"""The commands of the review of near-miss CRNs (list, accept, withdraw), and of missed links."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from safer_streets_assets.cohort.missed_links import estimate_missed_links, refuse_without_splink
from safer_streets_assets.cohort.review_files import list_format_of, list_to_decide, read_verdicts
from safer_streets_assets.cohort.reviews import (
    OPEN,
    ensure_review_tables,
    near_misses,
    record_verdicts,
    withdraw,
)
from safer_streets_assets.console.handing_out import (
    personal_stores,
    read_list,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.who import user_name


def list_near_misses(console: Console, data: Path | None, out: Path | None) -> None:
    """Prints the near misses by opaque id; with a file, writes the open ones there to decide on."""
    kind = list_format_of(out) if out is not None else "csv"
    with personal_stores(DataFolder.locate(data)) as connection:
        ensure_review_tables(connection)
        found = near_misses(connection)
    if not found:
        console.print("There are no near misses.")
        return
    waiting = [one for one in found if one.state == OPEN]
    if out is None:
        print_table(
            console,
            "Near misses",
            ("id", "sent by", "rows", "state"),
            [(o.near_miss_id, ", ".join(o.sources), o.row_count, o.state) for o in found],
        )
        console.print(
            f"{len(waiting)} of {len(found)} wait for a decision: safer-streets review list --out "
            "FILE writes them with their CRNs.",
            soft_wrap=True,
        )
        return
    write_new_private_file(out, list_to_decide(waiting, kind))
    console.print(
        f"Wrote {len(waiting)} near misses: write yes or no in the column decision of those that "
        "are clear, then run safer-streets review accept with the file. It holds personal data in "
        "the open: erase it as soon as it is accepted.",
        soft_wrap=True,
    )


def accept_list(console: Console, data: Path | None, path: Path) -> None:
    """Carries out the decisions in a file, and records which user of the system decided."""
    verdicts = read_verdicts(read_list(path))
    with personal_stores(DataFolder.locate(data)) as connection:
        ensure_review_tables(connection)
        done = record_verdicts(connection, load_policy(), verdicts, user_name(), _now())
    console.print(
        f"{done.accepted} accepted, {done.rejected} rejected, {done.standing} decided already. "
        "Accepted ones link from the next run on (safer-streets run). Erase the file.",
        soft_wrap=True,
    )


def withdraw_review(console: Console, data: Path | None, near_miss_id: str) -> None:
    """Takes back what was decided about a near miss, and records which user of the system did."""
    with personal_stores(DataFolder.locate(data)) as connection:
        ensure_review_tables(connection)
        was = withdraw(connection, near_miss_id.strip().lower(), user_name(), _now())
    console.print(f"The near miss is no longer {was}: it is open again, from the next run on.")


def print_missed_links(console: Console, data: Path | None) -> None:
    """Prints how many true links the CRN rule misses by an estimate, in counts; it links nothing.

    Raises:
        MissedLinksError: Splink is not installed, or there is too little to estimate from.
    """
    refuse_without_splink()
    with personal_stores(DataFolder.locate(data)) as connection:
        ensure_review_tables(connection)
        policy = load_policy()
        found = estimate_missed_links(connection, policy)
    people, certain = policy.dpia.people_source, policy.dpia.cohort.same_person.certain_words
    print_table(
        console,
        f"Cases of {policy.dpia.cases_source} that link to nobody (for the unit only)",
        ("what", "cases"),
        [
            ("cases that link by CRN", found.linked),
            ("cases that link to nobody", found.unlinked),
            ("of these, on the list of near misses", found.near_misses),
            (f"with the name and {certain} of somebody of {people}", found.same_name_and_certain),
            (f"of somebody of {people}, with a probability of 95 %", found.sure),
            (f"of somebody of {people}, by the estimate", f"{found.expected:.1f}"),
            ("standard error of the estimate", f"{found.standard_error:.1f}"),
        ],
    )
    console.print(
        "It links nothing. Other sources cannot be judged, as they name a person by CRN alone. "
        "docs/linkage.md says what the estimate is worth.",
        soft_wrap=True,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
