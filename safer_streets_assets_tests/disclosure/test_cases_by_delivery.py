"""Cases by delivery are told by CRC alone, as its decisions are: one says of the other."""

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
