"""A drop is quarantined whole when more than the agreed share of its rows is bad."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.reasons import DropRefusedError
from safer_streets_assets.intake.staging import refuse_if_too_many_bad
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CHECKIN,
    csv_drop,
    fetch,
    ledger,
    people_rows,
    put,
    shipped_policy,
    take_in_everything,
)

SHARE = shipped_policy().dpia.intake.maximum_bad_row_share


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(1, 2_000_000))
def test_exactly_the_agreed_share_is_let_in_and_one_row_more_is_not(fifths: int) -> None:
    assert SHARE == 0.20
    rows = 5 * fifths
    refuse_if_too_many_bad(rows, fifths, shipped_policy())
    with pytest.raises(DropRefusedError) as refused:
        refuse_if_too_many_bad(rows, fifths + 1, shipped_policy())
    assert refused.value.code == "D-BAD-ROWS"


def test_a_drop_without_rows_is_not_let_in(policy: Policy) -> None:
    with pytest.raises(DropRefusedError):
        refuse_if_too_many_bad(0, 0, policy)


def test_the_share_comes_from_the_policy(policy: Policy) -> None:
    intake = policy.dpia.intake.model_copy(update={"maximum_bad_row_share": 0.5})
    lenient = replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))
    refuse_if_too_many_bad(10, 5, lenient)
    with pytest.raises(DropRefusedError):
        refuse_if_too_many_bad(10, 6, lenient)


def test_nothing_of_a_drop_with_too_many_bad_rows_enters_a_table(
    folder: DataFolder, stores: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    at_the_limit = people_rows(CHECKIN, 8) + people_rows(CHECKIN, 2, first=20, Session="13")
    above = people_rows(CHECKIN, 7, first=40) + people_rows(CHECKIN, 2, first=60, Session="13")
    put(folder, CHECKIN, "limit.csv", csv_drop(at_the_limit))
    put(folder, CHECKIN, "above.csv", csv_drop(above))
    taken = take_in_everything(stores, folder)[CHECKIN]
    assert (taken.loaded, taken.quarantined, taken.refused) == (1, 1, 0)
    assert (taken.rows_loaded, taken.rows_set_aside) == (8, 2)
    assert taken.reasons == {"D-BAD-ROWS": 1}
    assert ledger(stores) == [
        (CHECKIN, "loaded", None),
        (CHECKIN, "quarantined", "D-BAD-ROWS"),
    ]
    assert fetch(stores, "SELECT count(*) FROM restricted.ors_facilitator_checkin_raw") == [(8,)]
    assert fetch(stores, "SELECT count(*) FROM restricted.set_aside_rows") == [(2,)]
    assert fetch(stores, "SELECT row_count FROM registers.set_aside_counts") == [(2,)]
