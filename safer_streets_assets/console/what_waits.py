"""What waits for an operator, of all parts of the product: counts, and the command that goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from safer_streets_assets.accountability.export import what_waits
from safer_streets_assets.accountability.tables import ensure_accountability
from safer_streets_assets.cohort.reviews import OPEN, near_misses
from safer_streets_assets.cohort.unknown_places import REMEDY, count_unknown_places
from safer_streets_assets.intake.clocks import local_day
from safer_streets_assets.intake.judged_again import count_uncertain
from safer_streets_assets.intake.late_sources import late_sources
from safer_streets_assets.intake.ledger_counts import ledger_counts, not_taken_in
from safer_streets_assets.intake.returns import count_outstanding
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.standing import read_standings
from safer_streets_assets.retention import Holding
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.holding import AMBER
from safer_streets_assets.retention.records.open_erasures import open_erasures
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import tables_in
from safer_streets_assets.stores.registers import now_utc, stopped_stages

REGISTERS = {
    "breach_clocks": ("clocks of breaches", "safer-streets registers breaches list"),
    "requests_are_answered": (
        "requests of people and of agencies",
        "safer-streets registers rights list, registers requests list",
    ),
    "dpia_review_is_current": ("review of the DPIA", "safer-streets registers reviews add"),
    "contacts_are_named": ("contacts not named", "safer-streets registers contacts add"),
    "dpia_questions_are_answered": (
        "questions on the lawful basis",
        "answer them under lawful_basis in policy/dpia.yaml",
    ),
}
"""Check of the accountability registers to what waits there, and what to do."""
SETTLING = "safer-streets erasures list, erasures settle"


class Waits(NamedTuple):
    """Something that waits for an operator: what, how many, what to do."""

    what: str
    number: int
    what_to_do: str


def everything_that_waits(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    holdings: Sequence[Holding],
) -> list[Waits]:
    """What waits, the most urgent parts first, without what is nought; `holdings` is the register.

    Numbers of drops, rows, texts and entries: nothing of a row, and no figure of a table. The
    registers, which are made ready, are attached for writing, and beside them the stores that there
    are.
    """
    ensure_accountability(connection)
    unverified = len(open_erasures(connection))
    waiting = int(read_standings(folder, connection).candidate is not None)
    found = [Waits("erasures that could not be verified", unverified, SETTLING)]
    found += [Waits("releases to approve or reject", waiting, "safer-streets release list")]
    found += [*_drops(connection, policy), *_accountability(connection, policy)]
    found += _rows(connection, policy)
    return [one for one in [*found, *_retention(holdings)] if one.number]


def _drops(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterator[Waits]:
    held = sum(count.drops for count in ledger_counts(connection) if count.state == "held")
    yield Waits("drops held", held, "safer-streets drops release or drops refuse")
    for state, do in (
        ("quarantined", "ask the sender for another; drops show, drops move or drops refuse"),
        ("refused", "safer-streets drops move or drops refuse"),
    ):
        yield Waits(f"drops {state}", len(not_taken_in(connection, state)), do)
    given_up = policy.dpia.gathered_for(stopped_stages(connection))
    late = late_sources(connection, policy, local_day(policy), given_up)
    said = "; ".join(one.sentence for one in late)
    yield Waits("sources that did not arrive", len(late), f"ask the sender ({said})")
    doubtful = count_uncertain(connection)
    yield Waits("texts that perhaps name somebody", doubtful, "safer-streets names")
    yield Waits("places on no list", count_unknown_places(connection, policy), REMEDY)


def _accountability(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterator[Waits]:
    for check, lines in what_waits(connection, policy, now_utc()).items():
        for register in dict.fromkeys(register for register, _, _ in lines):
            what, do = REGISTERS.get(check, (register, "safer-streets registers"))
            yield Waits(what, sum(line[0] == register for line in lines), do)


def _rows(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Iterator[Waits]:
    """Rows to send back and near misses, where the restricted store opens."""
    rows = sum(count_outstanding(connection, policy).values())
    yield Waits("rows to send back", rows, "safer-streets returns")
    if "near_misses" in tables_in(connection, "restricted"):
        waiting = sum(one.state == OPEN for one in near_misses(connection))
        yield Waits("near misses to decide on", waiting, "safer-streets review list")


def _retention(holdings: Sequence[Holding]) -> Iterator[Waits]:
    held = [holding for holding in holdings if holding.is_held]
    due = sum(holding.is_due for holding in held)
    yield Waits("holdings due to be erased now", due, "safer-streets retention --enforce")
    asked = sum(holding.clock.rule == rules.ON_REQUEST for holding in held)
    yield Waits("erasures that were asked for", asked, "safer-streets erasures list")
    for state, number in Counter(h.state for h in held if h.state in AMBER).items():
        yield Waits(f"holdings {state}", number, "safer-streets retention")
