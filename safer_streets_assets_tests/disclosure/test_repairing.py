"""What printed tables tell beyond their counts is attacked before a release, and taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.disclosure import repairing
from safer_streets_assets.disclosure.coarsening import path_of, stored_name
from safer_streets_assets.disclosure.joint_protection import protect_tables
from safer_streets_assets.disclosure.protected_tables import ProtectedTables
from safer_streets_assets.disclosure.repairing import (
    GAVE_WAY,
    protect_release,
    proven_in_print,
    unproven_in_print,
)
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets_tests.disclosure.test_proving import aggregates_of

SHIPPED = load_policy()
BOROUGHS = {"Hackney": 120, "Lambeth": 90, "Brent": 60}


def needing(needed: int) -> Policy:
    """A policy whose gate of impact needs so many."""
    gates = [gate.model_copy(update={"needed": needed}) for gate in SHIPPED.dpia.gates]
    return replace(SHIPPED, dpia=SHIPPED.dpia.model_copy(update={"gates": gates}))


def with_gate(n_now: int, needed: int) -> dict[str, pd.DataFrame]:
    row = {"gate": "impact", "n_now": n_now, "n_needed": needed, "open": n_now >= needed}
    gates = pd.DataFrame([row]).astype({"n_now": "Int64"})
    return {**aggregates_of(BOROUGHS), "stage_gates": gates}


def test_a_closed_gate_that_tells_a_small_count_is_withheld_and_nothing_else_is() -> None:
    policy, aggregates = needing(4), with_gate(3, 4)
    first = protect_tables(policy, aggregates)
    assert not first.core.withheld
    assert list(unproven_in_print(policy, first, ())) == ["stage_gates (impact)"]

    def protect(withheld: Mapping[str, str]) -> ProtectedTables:
        return protect_tables(policy, aggregates, withheld=withheld)

    made = proven_in_print(policy, first, (), protect)
    assert list(made.core.withheld) == ["stage_gates (impact)"]
    assert made.tables["stage_gates"]["n_now"].isna().all()
    assert made.tables["funnel"]["n"].notna().all()
    assert unproven_in_print(policy, made, ()) == {}


def test_a_gate_that_tells_no_small_count_changes_nothing() -> None:
    policy, aggregates = needing(100), with_gate(98, 100)
    first = protect_tables(policy, aggregates)

    def protect(withheld: Mapping[str, str]) -> ProtectedTables:
        raise AssertionError("nothing is to be protected again")

    assert proven_in_print(policy, first, (), protect) is first


def test_where_protecting_again_does_not_help_everything_is_withheld() -> None:
    policy, aggregates = needing(4), with_gate(3, 4)
    first = protect_tables(policy, aggregates)
    asked: list[Mapping[str, str]] = []

    def protect(withheld: Mapping[str, str]) -> ProtectedTables:
        asked.append(withheld)
        return first

    proven_in_print(policy, first, (), protect)
    parts = {part.spec.name for own in first.parts.values() for part in own}
    assert set(asked[-1]) == parts


PAIRS = "person under another CRN"


def with_duplicates(repeated: int) -> dict[str, pd.DataFrame]:
    """Aggregates of three boroughs and of `duplicates`, a table of detail; all others are empty."""
    made = aggregates_of(dict.fromkeys(BOROUGHS, 61))
    everybody = int(made["funnel"]["n"].max())
    row = {"rule": PAIRS, "n": everybody, "n_repeated": repeated}
    made["duplicates"] = pd.DataFrame([row]).astype({"n": "Int64", "n_repeated": "Int64"})
    found = {}
    for name, spec in SHIPPED.tables.tables.items():
        columns = [*SHIPPED.tables.columns(name), *spec.counts, *spec.constants, *spec.statistics]
        for levels in [{}, *path_of(SHIPPED, name)]:
            found[stored_name(name, levels)] = pd.DataFrame(columns=columns)
    return {**found, **made}


def test_a_table_of_detail_is_printed_beside_all_others() -> None:
    made = protect_release(SHIPPED, with_duplicates(40), {}).protected
    assert not made.core.withheld
    assert made.tables["duplicates"]["n_repeated"].tolist() == [40]


def test_a_small_count_of_detail_is_hidden_and_no_other() -> None:
    made = protect_release(SHIPPED, with_duplicates(3), {}).protected
    assert made.tables["duplicates"]["n_repeated"].isna().all()
    assert made.tables["funnel"]["n"].notna().all()
    assert not made.core.withheld


def test_tables_of_detail_are_withheld_before_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def unproven_beside_detail(*given: Any, **named: Any) -> ProtectedTables:
        """As if the funnel could not be proven beside the table of detail."""
        *first, out = given
        harm = {} if f"duplicates ({PAIRS})" in out else {"funnel": "unproven"}
        return protect_tables(*first, {**out, **harm}, **named)

    monkeypatch.setattr(repairing, "protect_tables", unproven_beside_detail)
    made = protect_release(SHIPPED, with_duplicates(40), {}).protected
    assert dict(made.core.withheld) == {f"duplicates ({PAIRS})": GAVE_WAY}
    assert made.tables["funnel"]["n"].notna().all()


def test_tables_of_detail_stay_where_others_are_withheld_without_them_too() -> None:
    aggregates = with_duplicates(40) | {"stage_gates": with_gate(3, 4)["stage_gates"]}
    made = protect_release(needing(4), aggregates, {}).protected
    assert list(made.core.withheld) == ["stage_gates (impact)"]
    assert made.tables["duplicates"]["n_repeated"].tolist() == [40]
