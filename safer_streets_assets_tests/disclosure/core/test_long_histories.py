"""Many releases, one after the other: each starts from what the proof of the last one left, and a
fault of earlier ones withholds no more than the tables that tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from safer_streets_assets.disclosure.core import (
    CellRef,
    CountTable,
    Evidence,
    Link,
    PrintedTable,
    Protection,
    PublishedRelease,
    TableSpec,
    protect,
    prove,
)
from safer_streets_assets.disclosure.core.attacks.search import Search
from safer_streets_assets.disclosure.core.proof import INSIDER, PROVEN
from safer_streets_assets_tests.disclosure.core.made_up import grown, linked_tables, population

T = 3
MONTHS = 9


def year_of(seed: int) -> list[tuple[list[CountTable], list[Link]]]:
    rng = np.random.default_rng(seed)
    people, found = population(rng, 30), []
    for _ in range(MONTHS):
        found.append(linked_tables(people))
        people = grown(rng, people)
    return found


def protected_year(
    months: Sequence[tuple[list[CountTable], list[Link]]], *, with_evidence: bool = True
) -> tuple[list[Protection], list[PublishedRelease], list[Link]]:
    made: list[Protection] = []
    releases: list[PublishedRelease] = []
    for tables, links in months:
        evidence = made[-1].evidence if made and with_evidence else None
        made.append(protect(tables, threshold=T, links=links, previous=releases, evidence=evidence))
        releases.append(made[-1].release(f"r{len(made)}"))
    return made, releases, months[-1][1]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_releases_that_start_from_one_another_is_proven_from_print_alone(
    seed: int,
) -> None:
    made, releases, links = protected_year(year_of(seed))
    assert not any(protection.withheld for protection in made)
    assert set(prove(releases, threshold=T, links=links).values()) == {PROVEN}


@pytest.mark.thorough
def test_what_is_known_of_the_last_release_hides_no_more() -> None:
    months = year_of(3)[:5]

    def hidden(with_evidence: bool) -> int:
        made, _, _ = protected_year(months, with_evidence=with_evidence)
        return sum(int(p.summary[["primary", "secondary"]].to_numpy().sum()) for p in made)

    assert hidden(True) <= hidden(False) * 1.05


def test_evidence_that_lies_is_passed_over() -> None:
    months = year_of(4)[:3]
    made, releases, links = protected_year(months[:2])
    true = made[-1].evidence
    lies = Evidence(
        {cell: count + 1 for cell, count in true.counts.items()},
        [tuple((cell, 1) for cell, _ in move) for move in true.moves],
    )
    for evidence in (lies, Evidence(true.counts, lies.moves), Evidence({}, true.moves)):
        third = protect(
            months[2][0], threshold=T, links=links, previous=releases, evidence=evidence
        )
        everything = [*releases, third.release("r3")]
        assert not third.withheld
        assert set(prove(everything, threshold=T, links=links).values()) == {PROVEN}


def test_a_proof_that_starts_from_the_protection_needs_no_search_for_an_insider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, releases, links = protected_year(year_of(3))
    searches: list[Mapping[int, int]] = []
    by_insider = Search.by_insider

    def noted(
        search: Search, known: Mapping[int, int], deadline: float
    ) -> AbstractContextManager[Search]:
        searches.append(known)
        return by_insider(search, known, deadline)

    monkeypatch.setattr(Search, "by_insider", noted)
    verdicts = prove(releases, threshold=T, links=links, evidence=made[-1].evidence)
    assert set(verdicts.values()) == {PROVEN}
    assert not searches
    prove(releases, threshold=T, links=links)
    assert searches


def hidden_cells(made: Protection) -> set[tuple[str, str, int]]:
    return {
        (name, measure, row)
        for name, table in made.tables.items()
        for measure in table.printed.spec.measures
        for row in np.flatnonzero(table.cells[measure].isna())
    }


@pytest.mark.parametrize("seed", [5, 6])
def test_a_release_that_starts_from_its_own_draft_is_the_draft(seed: int) -> None:
    months = year_of(seed)[:3]
    made, releases, links = protected_year(months[:2])
    evidence, tables = made[-1].evidence, months[2][0]
    draft = protect(
        tables, threshold=T, links=links, previous=releases, evidence=evidence, attacked=False
    )
    final = protect(
        tables,
        threshold=T,
        links=links,
        previous=releases,
        evidence=evidence,
        start=draft.evidence,
    )
    assert hidden_cells(final) == hidden_cells(draft)
    assert not final.withheld


def test_a_start_that_lies_is_passed_over() -> None:
    months = year_of(7)[:2]
    _, releases, links = protected_year(months[:1])
    plain = protect(months[1][0], threshold=T, links=links, previous=releases)
    counts = dict(plain.counts)
    lies = [tuple((cell, 1) for cell, _ in move) for move in plain.evidence.moves]
    made = protect(
        months[1][0],
        threshold=T,
        links=links,
        previous=releases,
        start=Evidence({cell: count + 1 for cell, count in counts.items()}, lies),
    )
    assert hidden_cells(made) == hidden_cells(plain)
    assert not made.withheld


def one_table(counts: Sequence[int | None]) -> pd.DataFrame:
    return pd.DataFrame({"a": ["x", "y", "Total"], "n": pd.array(counts, dtype="Int64")})


def spec(name: str) -> TableSpec:
    return TableSpec(name, ("a",), f"people of {name}")


def true_table(name: str, x: int, y: int) -> CountTable:
    return CountTable(spec(name), one_table([x, y, x + y]))


def unsafe_release(name: str) -> PublishedRelease:
    """One that hides a cell which its total gives away."""
    return PublishedRelease("r1", [PrintedTable(spec(name), one_table([None, 40, 42]))])


def test_a_fault_of_an_earlier_release_withholds_only_the_tables_that_tell_of_it() -> None:
    tables = [true_table("bad", 2, 40), true_table("good", 20, 30)]
    made = protect(tables, threshold=T, previous=[unsafe_release("bad")])
    assert set(made.withheld) == {"bad"}
    assert made.tables["good"].cells["n"].tolist() == [20, 30, 50]
    assert prove([unsafe_release("bad"), made.release("r2")], threshold=T)["good"] == PROVEN


def test_a_fault_that_no_table_of_the_release_tells_of_withholds_none() -> None:
    made = protect([true_table("good", 20, 30)], threshold=T, previous=[unsafe_release("gone")])
    assert not made.withheld


def test_a_table_that_tells_of_a_small_count_of_a_withheld_one_is_not_proven() -> None:
    withheld = PrintedTable(spec("t"), one_table([None, None, None]), withheld=True)
    telling = PrintedTable(spec("u"), one_table([20, 18, 38]))
    link = Link(((1, CellRef("t", {"a": "x"})), (-1, CellRef("u", {"a": "x"})), (1, _y("u"))))
    release = PublishedRelease("r1", [withheld, telling])
    assert prove([release], threshold=T, links=[link])["u"] != PROVEN
    assert prove([replace(release, links=())], threshold=T)["u"] == PROVEN


def _y(table: str) -> CellRef:
    return CellRef(table, {"a": "y"})


X = ("people of t", "n", (("a", "x"),))


def three(*counts: int | None) -> PrintedTable:
    rows = pd.DataFrame({"a": ["x", "y", "z", "Total"], "n": pd.array(counts, dtype="Int64")})
    return PrintedTable(spec("t"), rows)


def test_what_somebody_knows_of_their_own_count_and_earlier_print_withholds_nothing() -> None:
    first = PublishedRelease("r0", [three(3, 9, 9, 21)])
    second = PublishedRelease(
        "r1", [three(None, None, None, 21)], not_monotone=frozenset([X]), alone=frozenset([X])
    )
    assert prove([first, second], threshold=T) == {"t": PROVEN}


def test_a_change_that_the_newest_release_tells_somebody_of_is_not_proven() -> None:
    first = PublishedRelease("r0", [three(None, None, 9, 18)], alone=frozenset([X]))
    second = PublishedRelease("r1", [three(3, 20, 9, 32)])
    assert prove([first, second], threshold=T) == {"t": INSIDER}
