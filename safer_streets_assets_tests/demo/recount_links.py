"""The tables of how well sources link, as the second reader finds them: no code of the pipeline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import date

from safer_streets_assets_tests.demo.recount import Count, Row, age_on

Table = Counter[tuple[str, ...]]
DATED = {
    "crc_eligibility": ("sentence date", "start date", "outcome date"),
    "ors_attendee_survey": ("interviewstart",),
    "ors_facilitator_checkin": ("sessiondate",),
}
"""The dates of the rows of each source that links; the month of a row is that of the first."""


def tables_of_links(
    counts: dict[str, Count], people: dict[str, Row], bands: dict[int, str]
) -> dict[tuple[str, str], Table]:
    """Each table by its name and that of its count. `people` are those of the cohort by CRN, with
    the `case` of NPS and the row of CRC (`crc`) that count."""
    found: dict[tuple[str, str], Table] = {
        ("crn_quality", "n"): _crn_quality(counts, people),
        ("linkage_by_month", "n"): Counter(),
        ("linkage_by_month", "n_unlinked"): Counter(),
        ("linkage_bias", "n"): Counter(),
        ("linkage_bias", "n_unlinked"): Counter(),
        ("source_conflicts", "n"): Counter(),
        ("source_conflicts", "n_differ"): Counter(),
        ("duplicates", "n"): Counter(),
        ("duplicates", "n_repeated"): Counter(),
    }
    for source, (dated, *_) in DATED.items():
        for row in counts[source].held.values():
            key, unlinked = (source, f"{row[dated]:%Y-%m}"), row["crn"] not in people
            found["linkage_by_month", "n"][key] += 1
            found["linkage_by_month", "n_unlinked"][key] += unlinked
    for row in counts["crc_eligibility"].held.values():
        for key in _said_by_crc(row, bands).items():
            found["linkage_bias", "n"][key] += 1
            found["linkage_bias", "n_unlinked"][key] += row["crn"] not in people
    for person in people.values():
        for characteristic, differs in _conflicts(person).items():
            found["source_conflicts", "n"][characteristic,] += 1
            found["source_conflicts", "n_differ"][characteristic,] += differs
    for rule, (n, repeated) in _duplicates(counts).items():
        found["duplicates", "n"][rule,] = n
        found["duplicates", "n_repeated"][rule,] = repeated
    return found


def _said_by_crc(row: Row, bands: dict[int, str]) -> dict[str, str]:
    age = age_on(row["dob"], row["sentence date"])
    assigned, alone = (row[name] == "Yes" for name in ("assigned to safer streets?", "one-to-one?"))
    return {
        "gender": _gender(row),
        "age band": next(label for least, label in sorted(bands.items())[::-1] if age >= least),
        "borough": row["borough of residence"],
        "offence": row["offence code"],
        "delivery": ("One-to-one" if alone else "Group") if assigned else "Not assigned",
    }


def _gender(row: Row) -> str:
    return "Male" if row["gender"].upper().startswith("M") else "Female"


def _conflicts(person: Row) -> dict[str, bool]:
    """Characteristic to whether NPS and CRC differ on it, of a person whom CRC has."""
    case, crc = person["case"], person["crc"]
    if not crc:
        return {}
    days = case["disposal date"], crc["sentence date"]
    found = {
        "gender": _gender(case) != _gender(crc),
        "borough": case["borough"] != crc["borough of residence"],
        "date of sentence": days[0] != days[1],
        "offence": case["offence code"] != crc["offence code"],
    }
    if days[0] == days[1]:
        found["age"] = age_on(case["date of birth"], days[0]) != age_on(crc["dob"], days[1])
    return found


def _duplicates(counts: dict[str, Count]) -> dict[str, tuple[int, int]]:
    """Rule to how many it looks at, and how many of them are one more of the same."""
    named: dict[Hashable, set[str]] = {}
    for row in counts["nps_court_outcomes"].held.values():
        words = tuple(sorted(re.findall(r"\w+", row["offender name"].lower())))
        named.setdefault((words, row["date of birth"]), set()).add(row["crn"])
    twice = set().union(*(crns for crns in named.values() if len(crns) > 1))
    people = {row["crn"] for row in counts["nps_court_outcomes"].held.values()}
    return {
        "person under another CRN": (len(people), len(twice)),
        "further case of a person": _repeated(
            row["crn"] for row in counts["crc_eligibility"].held.values()
        ),
        "further response of a person at a wave": _repeated(
            (row["crn"], row["wave"]) for row in counts["ors_attendee_survey"].held.values()
        ),
        "further check-in of a person at a session": _repeated(
            (row["crn"], row["session"]) for row in counts["ors_facilitator_checkin"].held.values()
        ),
    }


def _repeated(keys: Iterable[Hashable]) -> tuple[int, int]:
    listed = list(keys)
    return len(listed), len(listed) - len(set(listed))


def _crn_quality(counts: dict[str, Count], people: dict[str, Row]) -> Table:
    sent: dict[str, list[tuple[str, Row]]] = {}
    for source in DATED:
        for row in counts[source].held.values():
            if row["crn"] not in people:
                sent.setdefault(row["crn"], []).append((source, row))
    found: Table = Counter(
        {(source, "malformed"): counts[source].malformed for source in counts.keys() - {"mtc_novo"}}
    )
    nps: dict[str, list[Row]] = {}
    for row in counts["nps_court_outcomes"].held.values():
        nps.setdefault(row["crn"], []).append(row)
    for crn, rows in sent.items():
        meant = [known for known in nps if _is_one_slip_away(crn, known)]
        near = len(meant) == 1 and all(
            any(_fits(source, row, case) for case in nps[meant[0]]) for source, row in rows
        )
        for source, _ in rows:
            found[source, "near miss, not decided" if near else "unknown"] += 1
    return +found


def _is_one_slip_away(sent: str, known: str) -> bool:
    """Whether one character is another, or two neighbours are swapped."""
    places = [n for n, (one, other) in enumerate(zip(sent, known, strict=True)) if one != other]
    if len(places) == 2:
        first, second = places
        return second == first + 1 and sent[first] + sent[second] == known[second] + known[first]
    return len(places) == 1


def _fits(source: str, row: Row, case: Row) -> bool:
    """Whether a row may be of the person of a case: nothing on it contradicts."""
    days: list[date] = [row[name] for name in DATED[source] if row[name] is not None]
    same = source != "crc_eligibility" or (
        _gender(row) == _gender(case)
        and row["borough of residence"] == case["borough"]
        and row["dob"] == case["date of birth"]
    )
    return same and min(days) >= case["disposal date"]
