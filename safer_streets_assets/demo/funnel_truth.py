"""The funnel and the start-end pairs that a correct pipeline finds in the demo drops.

Computed from the tallies (what the drops say), never from the invented people (who they were).
"""

from __future__ import annotations

from collections.abc import Iterable

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.crc import ASSIGNED, ATTENDED, OUTCOME, START
from safer_streets_assets.demo.nps import BORN, BOROUGH
from safer_streets_assets.demo.people import is_eligible
from safer_streets_assets.demo.survey import COMPLETE, END, PARTIAL, Response, scale_scores
from safer_streets_assets.demo.survey import START as FIRST
from safer_streets_assets.demo.truth import Tally

COMMUNITY = "community sentence with RAR"


def funnel_people(nps: Tally, crc: Tally) -> dict[str, set[str]]:
    """Stage to the CRNs that reach it, each a subset of the one before (drops.md, funnel)."""
    on_sheet = {crn: row for (crn, _), row in crc.held.items()}
    sentenced = {crn for crn, _, _ in nps.held}
    eligible = {
        crn
        for (crn, disposal, offence), row in nps.held.items()
        if is_eligible(row[BORN], row[BOROUGH], disposal, offence)
    }
    community = eligible & on_sheet.keys()
    assigned = {crn for crn in community if on_sheet[crn][ASSIGNED] == "Yes"}
    started = {crn for crn in assigned if on_sheet[crn][START] is not None}
    midpoint = {crn for crn in started if on_sheet[crn][ATTENDED] >= v.MIDPOINT}
    return {
        "sentenced": sentenced,
        "eligible": eligible,
        COMMUNITY: community,
        "assigned": assigned,
        "started": started,
        "midpoint": midpoint,
        "completed": {crn for crn in midpoint if on_sheet[crn][OUTCOME] == v.COMPLETED},
    }


def paired_people(responses: Iterable[Response], participants: set[str]) -> dict[str, set[str]]:
    """Primary scale to the participants with a score at both start and end.

    At each wave the first complete response counts; with none complete, the first partial one.
    """
    chosen: dict[tuple[str, int], Response] = {}
    rank = {COMPLETE: 0, PARTIAL: 1}
    for response in responses:
        if response.rule or response.person not in participants or response.status not in rank:
            continue
        place = (response.person, response.wave)
        held = chosen.get(place)
        if held is None or _order(response, rank) < _order(held, rank):
            chosen[place] = response
    scored: dict[str, dict[int, set[str]]] = {
        scale: {FIRST: set(), END: set()} for scale in v.PRIMARY_SCALES
    }
    for (crn, wave), response in chosen.items():
        for scale in scale_scores(response.answers):
            scored[scale].get(wave, set()).add(crn)
    return {scale: waves[FIRST] & waves[END] for scale, waves in scored.items()}


def _order(response: Response, rank: dict[int, int]) -> tuple[object, ...]:
    return rank[response.status], response.start, response.respid
