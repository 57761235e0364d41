"""A whole set of demo drops: invents the people, writes every source, and sums up the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from safer_streets_assets.demo import crc
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.attendee import write_attendee
from safer_streets_assets.demo.calendar_months import month_end, months_from
from safer_streets_assets.demo.checkins import write_checkins
from safer_streets_assets.demo.faults import write_faults
from safer_streets_assets.demo.funnel_truth import COMMUNITY, funnel_people, paired_people
from safer_streets_assets.demo.landing import Landing
from safer_streets_assets.demo.nps import cp1252_months, write_nps
from safer_streets_assets.demo.others import write_novo, write_training
from safer_streets_assets.demo.people import invent_people
from safer_streets_assets.demo.sealed_file import PASSWORD
from safer_streets_assets.demo.survey import invent_responses
from safer_streets_assets.demo.truth import DemoManifest, Tally, source_truth
from safer_streets_assets.demo.untidy import Untidiness
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy.loading import (
    POLICY_VARIABLE,
    policy_folder,
    shipped_folder,
)

MOST_PEOPLE: Final = 100_000  # the letters have about twice as many marked CRNs
MOST_MONTHS: Final = 36
MOST_UNTIDY: Final = 2


class DemoDropsError(SaferStreetsError):
    """Demo drops were asked for that cannot be made."""


def write_demo_drops(
    out: Path,
    *,
    people: int = 800,
    months: int = 12,
    seed: int = 1,
    first_month: date = date(2019, 11, 1),
    faults: bool = True,
    untidiness: float = 1,
    passwords_file: Path | None = None,
) -> DemoManifest:
    """Write invented drops into `out/<source>/`, as the agencies would send them.

    `people` is how many are sentenced (their CRNs tell that they are invented, see `crns`),
    `months` (1 to 36) how many months from `first_month` (any day of it) the drops cover. `faults`
    adds files that must end refused or quarantined. `untidiness` (0 to 2) multiplies how much
    goes wrong: at 0 no row breaks a rule, repeats or corrects another, at 2 twice as many do as
    usual. With `passwords_file`, one CRC workbook is protected and its password written there, one
    a line.

    The same arguments give the same bytes and modification times in any process, on any day, but
    for the protected workbook (random salts). From 50 people and 12 months on, every kind of
    untidiness in drops.md occurs by construction. Modification times give the order of arrival.

    Returns the truth about the drops. Raises `DemoDropsError` for numbers out of range, and under
    the policy of another evaluation than the one that ships with the program.
    """
    if policy_folder() != shipped_folder():
        raise DemoDropsError(
            "The invented drops are of the evaluation that ships with the program, and "
            f"{POLICY_VARIABLE} names another one: leave it out, or put drops of your own into the "
            "landing folder."
        )
    if not 1 <= people <= MOST_PEOPLE or not 1 <= months <= MOST_MONTHS:
        raise DemoDropsError(
            f"Ask for between 1 and {MOST_PEOPLE:,} people and between 1 and {MOST_MONTHS} months "
            "of demo drops."
        )
    if not 0 <= untidiness <= MOST_UNTIDY:
        raise DemoDropsError(f"Ask for an untidiness of demo drops between 0 and {MOST_UNTIDY}.")
    how = Untidiness(untidiness)
    calendar = months_from(first_month, months)
    landing = Landing(out)
    everybody = invent_people(
        people=people, months=calendar, seed=seed, non_ascii_months=cp1252_months(months)
    )
    responses = invent_responses(everybody, month_end(calendar[-1]), seed, how)
    password = PASSWORD if passwords_file else None
    workbooks = crc.write_crc(landing, everybody, calendar, seed, password=password, untidiness=how)
    tallies = {
        v.NPS: write_nps(landing, everybody, calendar, seed, how),
        v.CRC: workbooks.tally,
        v.ATTENDEE: write_attendee(landing, responses, calendar),
        v.CHECKIN: write_checkins(landing, everybody, calendar, seed, how),
        v.TRAINING: write_training(landing, everybody[0], calendar[0], seed, how),
        v.NOVO: write_novo(landing, everybody[0], calendar, seed, how),
    }
    if faults:
        write_faults(landing, everybody, calendar, seed)
        tallies[v.MPS] = Tally()
    if passwords_file:
        passwords_file.write_text(f"{PASSWORD}\n", encoding="utf-8")

    drops = landing.drops()
    stages = funnel_people(tallies[v.NPS], tallies[v.CRC])
    paired = paired_people(responses, stages[COMMUNITY])
    return DemoManifest(
        people=people,
        months=months,
        seed=seed,
        first_month=calendar[0].isoformat(),
        faults=faults,
        sources={
            source: source_truth([drop for drop in drops if drop.source == source], tally)
            for source, tally in tallies.items()
        },
        drops=drops,
        funnel={stage: len(crns) for stage, crns in stages.items()},
        pairs={scale: len(crns) for scale, crns in paired.items()},
        start_end_pairs=len(set.intersection(*paired.values())),
        never_sent=len({crn for crn, _ in tallies[v.CRC].held} - stages["sentenced"]),
        not_in_latest=workbooks.not_in_latest,
        passwords={workbooks.protected: PASSWORD} if workbooks.protected else {},
    )
