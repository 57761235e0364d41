"""Cases on CRC's spreadsheet and people of the cohort: one count says of the other."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.test_equalities import Frames, with_tables

DECISIONS = ("assigned", "not assigned", "not on spreadsheet", "Total")
Cases = Mapping[str, tuple[int, int]]


def cases(by_delivery: Cases) -> pd.DataFrame:
    """`linkage_bias`: cases by delivery, and how many of them link to nobody."""
    total = tuple(sum(own[k] for own in by_delivery.values()) for k in (0, 1))
    rows = [("delivery", key, *counts) for key, counts in {**by_delivery, "Total": total}.items()]
    return pd.DataFrame(rows, columns=["characteristic", "category", "n", "n_unlinked"])


def decisions(eligible: tuple[int, int, int], others: tuple[int, int, int]) -> pd.DataFrame:
    """`eligibility_agreement`, each in the order of `DECISIONS`."""
    both = tuple(a + b for a, b in zip(eligible, others, strict=True))
    own = {"eligible": eligible, "not eligible": others, "Total": both}
    rows = [
        (derived, decision, count)
        for derived, counts in own.items()
        for decision, count in zip(DECISIONS, (*counts, sum(counts)), strict=True)
    ]
    return pd.DataFrame(rows, columns=["derived", "crc_decision", "n"])


def printed(frames: Frames, table: str, row: Mapping[str, str], count: str = "n") -> bool:
    """Whether a count is printed once the tables are protected together."""
    made = protect_tables(with_tables(shipped_policy(), [*frames]), frames)
    found = made.tables[table]
    for column, category in row.items():
        found = found[found[column].astype(str) == category]
    [value] = found[count].notna()
    return bool(value)


@pytest.mark.parametrize("delivery", ["Group", "Not assigned"])
def test_few_cases_that_link_to_nobody_do_not_follow_from_the_people_of_the_others(
    delivery: str,
) -> None:
    by_delivery = {"Group": (171, 2), "Not assigned": (64, 3), "One-to-one": (28, 0)}
    frames = {
        "linkage_bias": cases(by_delivery),
        "eligibility_agreement": decisions((177, 48, 60), (20, 13, 25)),
    }
    case_row = {"characteristic": "delivery", "category": delivery}
    assert not printed(frames, "linkage_bias", case_row, "n_unlinked")
    decision = "not assigned" if delivery == "Not assigned" else "assigned"
    people = {"derived": "Total", "crc_decision": decision}
    # The people less the cases would be those that link to nobody.
    both = (
        printed(frames, "linkage_bias", case_row),
        printed(frames, "eligibility_agreement", people),
    )
    one_to_one = {"characteristic": "delivery", "category": "One-to-one"}
    others = delivery == "Not assigned" or printed(frames, "linkage_bias", one_to_one)
    assert not (all(both) and others)


STAGES = shipped_policy().dpia.cohort.stages
MEN, WOMEN = (700, 560, 421, 360, 310, 230, 180), (60, 50, 34, 29, 25, 20, 15)


def by_gender() -> Frames:
    """Two women on CRC's spreadsheet are no participants; of nobody NPS and CRC differ."""
    funnel = [
        (gender, age, stage, count)
        for gender, counts in {
            "Male": MEN,
            "Female": WOMEN,
            "Total": tuple(a + b for a, b in zip(MEN, WOMEN, strict=True)),
        }.items()
        for age in ("25-34", "Total")
        for stage, count in zip(STAGES, counts, strict=True)
    ]
    listed = {"Male": (552, 14), "Female": (36, 0), "Total": (588, 14)}
    return {
        "linkage_bias": pd.DataFrame(
            [("gender", gender, *counts) for gender, counts in listed.items()],
            columns=["characteristic", "category", "n", "n_unlinked"],
        ),
        "funnel_by_demographics": pd.DataFrame(
            funnel, columns=["gender", "age_band", "stage", "n"]
        ),
        "source_conflicts": pd.DataFrame(
            [
                (characteristic, 574, 0)
                for characteristic in ("gender", "borough", "age", "date of sentence", "offence")
            ],
            columns=["characteristic", "n", "n_differ"],
        ),
    }


def test_few_cases_of_others_than_participants_do_not_follow_where_no_source_differs() -> None:
    frames = by_gender()
    women = {"characteristic": "gender", "category": "Female"}
    participants = {"gender": "Female", "age_band": "Total", "stage": STAGES[2]}
    assert not (
        printed(frames, "linkage_bias", women)
        and printed(frames, "linkage_bias", women, "n_unlinked")
        and printed(frames, "funnel_by_demographics", participants)
    )
