"""The count tables of a landing folder as the second reader finds them: no code of the pipeline.

A table is a counter by its categories as text, in the order of its columns.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import product

from safer_streets_assets_tests.demo.recount import (
    Count,
    Row,
    age_on,
    first_responses,
    funnel,
    is_eligible,
)
from safer_streets_assets_tests.demo.recount_links import tables_of_links

Table = Counter[tuple[str, ...]]
BANDS = {0: "under 18", 18: "18-24", 25: "25-34", 35: "35-44", 45: "45+"}
EXPERIENCE = ("m1", "x1", "x2", "x3", "x4")
KNIFE = ("s2_1", "s2_2", "s2_3", "s2_4", "s2_5", "s2_6", "s2_98")
RATINGS = ("aims clear", "confident to deliver", "materials", "pace", "overall")
NOT_SAYING = "s2_98"
SESSIONS = range(1, 13)
BLOCKS = ((1, 4), (5, 8), (9, 12))
NONE = "Not recorded"
PARTICIPANT = "community sentence with RAR"


def tables(counts: dict[str, Count]) -> dict[tuple[str, str], Table]:
    """Every table that counts people, responses or forms, by its name and the name of its count."""
    people = cohort(counts)
    participants = {crn for crn, person in people.items() if PARTICIPANT in person["stages"]}
    found = {(name, "n"): table for name, table in _of_people(people).items()}
    found["linkage_quality", "n"] = _linkage(counts, people)
    survey = counts["ors_attendee_survey"].held.values()
    found["survey_response", "n"] = Counter(
        (str(row["wave"]), str(row["status"])) for row in survey if row["crn"] in participants
    )
    first = first_responses(counts, participants)
    found["experience", "n"] = Counter(
        (item.upper(), str(row[item]))
        for row in first.values()
        for item in EXPERIENCE
        if row[item] is not None
    )
    ticks = [
        (item.upper(), row[item])
        for row in first.values()
        for item in KNIFE
        if row[item] is not None and (item == NOT_SAYING or row[NOT_SAYING] != "1")
    ]
    found["knife_reasons", "n_answered"] = Counter((item,) for item, _ in ticks)
    found["knife_reasons", "n"] = Counter((item,) for item, tick in ticks if tick == "1")
    found["training_feedback", "n"] = Counter(
        (question.replace(" ", "_"), str(row[question]))
        for row in counts["training_feedback"].held.values()
        for question in RATINGS
        if row[question] is not None
    )
    found["case_study_themes", "n"] = Counter(
        (row["theme"],) for row in counts["mtc_novo"].held.values()
    )
    found["missed_in_a_row", "n"], found["checkins_against_crc", "n"] = _visits(counts, people)
    assigned = [person for person in people.values() if "assigned" in person["stages"]]
    timed = ("started", "midpoint", "completed")
    found["time_to_stage", "n"] = Counter((stage,) for stage in timed for _ in assigned)
    found["time_to_stage", "n_reached"] = Counter(
        (stage,) for person in assigned for stage in person["stages"] if stage in timed
    )
    found |= {("dropout_by_block", count): own for count, own in _dropout(people).items()}
    found |= tables_of_links(counts, people, BANDS)
    expected, attended = _attendance(counts, people)
    found["attendance_by_session", "n_expected"] = expected
    found["attendance_by_session", "n_attended"] = attended
    return found


def with_totals(table: Table) -> Table:
    """A table with every margin, its category given as Total."""
    full: Table = Counter()
    for key, n in table.items():
        for margin in product(*((category, "Total") for category in key)):
            full[margin] += n
    return full


def cohort(counts: dict[str, Count]) -> dict[str, Row]:
    """CRN to what the tables need of the person: one disposal, CRC's row of it, stages reached."""
    reached = funnel(counts)
    programme: dict[str, list[Row]] = {}
    for row in counts["crc_eligibility"].held.values():
        programme.setdefault(row["crn"], []).append(row)
    cases: dict[str, list[Row]] = {}
    for row in counts["nps_court_outcomes"].held.values():
        cases.setdefault(row["crn"], []).append(row)
    return {
        crn: _person(min(own, key=_first), programme.get(crn, []))
        | {"stages": [stage for stage, crns in reached.items() if crn in crns]}
        for crn, own in cases.items()
    }


def _first(case: Row) -> tuple[bool, date, str]:
    return not is_eligible(case), case["disposal date"], case["offence code"]


def _person(case: Row, programme: list[Row]) -> Row:
    day = case["disposal date"]
    crc = min(programme, key=lambda row: abs(row["sentence date"] - day), default={})
    assigned = crc.get("assigned to safer streets?") == "Yes"
    alone = crc.get("one-to-one?") == "Yes"
    age = age_on(case["date of birth"], day)
    return {
        "month": f"{day:%Y-%m}",
        "borough": case["borough"],
        "gender": "Male" if case["gender"].upper().startswith("M") else "Female",
        "age_band": next(label for least, label in sorted(BANDS.items())[::-1] if age >= least),
        "offence": case["offence code"],
        "court": case["court"],
        "sentence": case["resulting sentence"],
        "derived": "eligible" if is_eligible(case) else "not eligible",
        "decision": ("assigned" if assigned else "not assigned") if crc else "not on spreadsheet",
        "not_assigned": crc.get("if not assigned: reason code") or NONE,
        "one_to_one": crc.get("if one-to-one: reason code") or NONE,
        "delivery": ("One-to-one" if alone else "Group") if assigned else "Not assigned",
        "outcome": crc.get("outcome") or NONE,
        "attended": int(crc.get("sessions attended") or 0),
        "case": case,
        "crc": crc,
    }


def _of_people(people: dict[str, Row]) -> dict[str, Table]:
    everybody = list(people.values())
    started = [person for person in everybody if "started" in person["stages"]]
    by_stage = [(person, stage) for person in everybody for stage in person["stages"]]
    return {
        "funnel": Counter((stage,) for _, stage in by_stage),
        "funnel_by_month": Counter((p["month"], stage) for p, stage in by_stage),
        "funnel_by_borough": Counter((p["borough"], stage) for p, stage in by_stage),
        "funnel_by_demographics": Counter(
            (p["gender"], p["age_band"], stage) for p, stage in by_stage
        ),
        "funnel_by_offence": Counter((p["offence"], stage) for p, stage in by_stage),
        "sentence_by_court": Counter((p["court"], p["sentence"]) for p in everybody),
        "non_assignment": Counter(
            (p["borough"], p["not_assigned"])
            for p in everybody
            if p["derived"] == "eligible" and p["decision"] == "not assigned"
        ),
        "one_to_one": Counter(
            (p["borough"], p["one_to_one"])
            for p in everybody
            if "assigned" in p["stages"] and p["delivery"] == "One-to-one"
        ),
        "attrition": Counter((p["delivery"], p["outcome"]) for p in started),
        "time_to_start": Counter((p["borough"],) for p in started),
        "eligibility_agreement": Counter((p["derived"], p["decision"]) for p in everybody),
    }


def _linkage(counts: dict[str, Count], people: dict[str, Row]) -> Table:
    return Counter(
        (source, _link_result(people.get(row["crn"])))
        for source in ("crc_eligibility", "ors_attendee_survey", "ors_facilitator_checkin")
        for row in counts[source].held.values()
    )


def _link_result(person: Row | None) -> str:
    if person is None:
        return "not linked"
    if person["derived"] == "not eligible":
        return "linked and not eligible"
    return "linked" if PARTICIPANT in person["stages"] else "linked and not on spreadsheet"


def _visits(counts: dict[str, Count], people: dict[str, Row]) -> tuple[Table, Table]:
    """Longest runs of missed sessions, and check-ins against what CRC counts, of who started."""
    came: dict[str, set[int]] = {}
    sent: dict[str, set[int]] = {}
    for row in counts["ors_facilitator_checkin"].held.values():
        sent.setdefault(row["crn"], set()).add(row["session"])
        if row["attended"] == "Yes":
            came.setdefault(row["crn"], set()).add(row["session"])
    missed: Table = Counter()
    agree: Table = Counter()
    for crn, person in people.items():
        if "started" not in person["stages"]:
            continue
        own, crc = came.get(crn, set()), person["attended"]
        agree["as many" if len(own) == crc else "more or fewer", person["delivery"]] += 1
        furthest = max([crc, *sent.get(crn, set())])
        line = "".join(" " if n in own else "x" for n in SESSIONS if n <= furthest)
        if furthest:
            run = max(map(len, line.split(" ")))
            missed[
                "none" if run == 0 else str(run) if run < 3 else "3 or more", person["delivery"]
            ] += 1
    return missed, agree


def _dropout(people: dict[str, Row]) -> dict[str, Table]:
    """Who came to a block of sessions, left in it, or is in it."""
    found: dict[str, Table] = {n: Counter() for n in ("n_at_risk", "n_left", "n_going_on")}
    for person in people.values():
        if "started" not in person["stages"]:
            continue
        last = 13 if person["outcome"] == "Completed" else min(person["attended"] + 1, 12)
        how = "n_going_on" if person["outcome"] in ("In progress", NONE) else "n_left"
        for first, end in BLOCKS:
            if last >= first:
                found["n_at_risk"][f"{first} to {end}",] += 1
            if first <= last <= end:
                found[how][f"{first} to {end}",] += 1
    return found


def _attendance(counts: dict[str, Count], people: dict[str, Row]) -> tuple[Table, Table]:
    visits: dict[str, dict[int, bool]] = {}
    for row in counts["ors_facilitator_checkin"].held.values():
        own = visits.setdefault(row["crn"], {})
        own[row["session"]] = own.get(row["session"], False) or row["attended"] == "Yes"
    expected: Table = Counter()
    attended: Table = Counter()
    for crn, person in people.items():
        if "started" not in person["stages"]:
            continue
        own = visits.get(crn, {})
        furthest = max([person["attended"], *own])
        for session in SESSIONS:
            key = (str(session), person["delivery"])
            expected[key] += session <= furthest
            attended[key] += own.get(session, False)
    return expected, attended
