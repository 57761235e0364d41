"""The release step alone cannot be talked out of the proof, whatever is stored for it."""

from __future__ import annotations

import copy
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.disclosure import proving
from safer_streets_assets.disclosure.core import Evidence, Program, attack
from safer_streets_assets.disclosure.core.system.highs import SolverAnswer
from safer_streets_assets.disclosure.earlier import as_published, earlier_releases
from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets_tests.release import mutations
from safer_streets_assets_tests.release.builders import POLICY
from safer_streets_assets_tests.release.mutations import (
    TABLES,
    THRESHOLD,
    Step,
    release_step,
    says_too_much,
)

COMPLEMENTARY_CAUGHT = 0.95


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Step]:
    """The first release is about to be: nothing is kept hidden only because it was before."""
    with release_step(tmp_path_factory.mktemp("first"), 300) as step:
        yield step


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Step]:
    """Two releases are published and a third is about to be."""
    with release_step(tmp_path_factory.mktemp("later"), 150, 260, 420) as step:
        yield step


def refused(step: Step, stored: StoredProtection) -> bool:
    """Whether the release step refuses, and says so without telling anything."""
    message = step.refusal(stored)
    assert message is None or not says_too_much(message)
    return message is not None


def test_what_protection_made_is_let_through(first: Step, later: Step) -> None:
    assert first.refusal(first.stored) is None
    assert later.refusal(later.stored) is None


@pytest.mark.thorough
def test_any_primary_cell_unhidden_is_refused(first: Step) -> None:
    cells = first.hidden("primary")
    assert len(cells) > 15
    assert [c for c, places in cells.items() if not refused(first, first.unhidden(places))] == []


@pytest.mark.thorough
def test_any_complementary_cell_unhidden_is_refused(first: Step) -> None:
    cells = first.hidden("secondary")
    assert len(cells) > 15
    let_through = [p for p in cells.values() if not refused(first, first.unhidden(p))]
    assert len(let_through) <= (1 - COMPLEMENTARY_CAUGHT) * len(cells)
    for places in let_through:
        assert safe_for_sure(first, first.unhidden(places))


@pytest.mark.thorough
def test_after_earlier_releases_only_cells_kept_hidden_for_their_sake_are_let_through(
    later: Step,
) -> None:
    """A pattern once published is kept while it is safe, so a later one need not be minimal."""
    before = earlier_releases(later.folder, later.connection)[-1]
    hidden_before = {
        (table.spec.population, measure, mutations.categories(table.spec, row))
        for table in before.tables
        for row in table.cells.to_dict("records")
        for measure in table.spec.measures
        if pd.isna(row[measure])
    }
    cells = {**later.hidden("primary"), **later.hidden("secondary")}
    kept = {
        cell for cell in cells if cell in hidden_before and later.count(cells[cell][0]) >= THRESHOLD
    }
    chance = random.Random(1)
    others = chance.sample(sorted(set(cells) - kept), 8)
    assert kept
    assert all(refused(later, later.unhidden(cells[cell])) for cell in others)
    for cell in chance.sample(sorted(kept), min(len(kept), 10)):
        unhidden = later.unhidden(cells[cell])
        assert refused(later, unhidden) or safe_for_sure(later, unhidden)


@pytest.mark.thorough
def test_a_cell_unhidden_in_one_of_its_tables_only_is_refused(tmp_path: Path) -> None:
    with release_step(tmp_path, 150) as step:
        cells = {**step.hidden("primary"), **step.hidden("secondary")}
        shared = [places for places in cells.values() if len(places) > 1]
        assert shared
        assert all(refused(step, step.unhidden([place])) for two in shared for place in two)


def safe_for_sure(step: Step, stored: StoredProtection) -> bool:
    """Whether the exact bounds of everything not printed, in all releases, give nobody away."""
    earlier = earlier_releases(step.folder, step.connection)
    fallen = frozenset(step.made.core.not_monotone)
    new = as_published("new", stored.structure, stored.tables, fallen)
    return all(bounds.safe for bounds in attack([*earlier, new], threshold=THRESHOLD))


@pytest.mark.thorough
def test_a_corrupted_total_is_refused(first: Step) -> None:
    chance = random.Random(1)
    tried = 0
    for name in TABLES:
        frame = first.stored.tables[name]
        totals = frame[frame.eq("Total").any(axis=1) & frame["n"].notna()]
        for row in chance.sample(list(totals.index), min(len(totals), 12)):
            by = chance.choice((-THRESHOLD, -1, 1, THRESHOLD, 1000))
            changed = frame.copy()
            changed.loc[row, "n"] += by
            assert refused(first, first.with_tables({name: changed}))
            tried += 1
    assert tried > 30


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", TABLES)
def test_shuffled_rows_are_refused(first: Step, name: str, seed: int) -> None:
    frame = first.stored.tables[name]
    rows = frame.sample(frac=1, random_state=seed)
    dimensions = list(POLICY.tables.columns(name))
    relabelled = frame.assign(**{d: rows[d].to_numpy() for d in dimensions})
    revalued = frame.assign(**{c: rows[c].to_numpy() for c in ("n", "n_marker")})
    for shuffled in (rows, rows.reset_index(drop=True), relabelled, revalued.astype(frame.dtypes)):
        assert refused(first, first.with_tables({name: shuffled}))


def test_the_tables_of_an_earlier_release_under_the_new_number_are_refused(later: Step) -> None:
    before = later.folder.releases.glob("r0002-*/csv")
    folder = next(before)
    for name in TABLES:
        frame = pd.read_csv(folder / f"{name}.csv", dtype="string")
        frame = frame[list(later.stored.tables[name].columns)].astype({"n": "Int64"})
        assert refused(later, later.with_tables({name: frame}))
    assert refused(later, replace(later.stored, number=1))


def exchange_folders(one: Path, two: Path) -> None:
    aside = one.with_name("aside")
    one.rename(aside)
    two.rename(one)
    aside.rename(two)


def exchange_tables(one: Path, two: Path) -> None:
    """Exchanges what two releases print and makes their checksums right again."""
    exchange_folders(one / "csv", two / "csv")
    for path in (one, two):
        lines = [line.split("  ", 1)[1] for line in (path / "SHA256SUMS").read_text().splitlines()]
        sums = [f"{hashlib.sha256((path / n).read_bytes()).hexdigest()}  {n}\n" for n in lines]
        (path / "SHA256SUMS").chmod(0o644)
        (path / "SHA256SUMS").write_text("".join(sums))


@pytest.mark.parametrize("exchange", [exchange_folders, exchange_tables])
def test_two_releases_exchanged_on_disk_are_refused(
    later: Step, tmp_path: Path, exchange: Callable[[Path, Path], None]
) -> None:
    with mutations.copied(later, tmp_path) as step:
        one, two = sorted(step.folder.releases.glob("r*"))
        exchange(one, two)
        message = step.refusal(step.stored)
    assert message is not None
    assert not says_too_much(message.replace(one.name, "").replace(two.name, ""))


def test_two_releases_exchanged_on_the_register_are_refused(later: Step) -> None:
    rows = later.connection.execute("FROM registers.releases ORDER BY number").df()
    rows["number"] = rows["number"].to_numpy()[::-1]
    with mutations.other_register(later, rows) as step:
        message = step.refusal(step.stored)
    assert message is not None
    for release_id in rows["release_id"]:
        message = message.replace(release_id, "")
    assert not says_too_much(message)


def lower_threshold(structure: dict[str, Any]) -> None:
    structure["threshold"] = 1


def call_withheld(structure: dict[str, Any]) -> None:
    structure["tables"][2]["withheld"] = True


def forget_links(structure: dict[str, Any]) -> None:
    structure["links"] = []


def forget_a_table(structure: dict[str, Any]) -> None:
    structure["tables"].pop()


def part_the_margins(structure: dict[str, Any]) -> None:
    structure["tables"][2]["spec"]["population"] = "others"


def forget_the_order(structure: dict[str, Any]) -> None:
    structure["tables"][2]["spec"].update(nested=None, nested_order=[])


@pytest.mark.parametrize(
    "harm",
    [
        lower_threshold,
        call_withheld,
        forget_links,
        forget_a_table,
        part_the_margins,
        forget_the_order,
    ],
)
def test_an_attacker_who_is_told_less_is_not_believed(
    first: Step, harm: Callable[[dict[str, Any]], None]
) -> None:
    structure = copy.deepcopy(first.stored.structure)
    harm(structure)
    assert refused(first, replace(first.stored, structure=structure))


@pytest.fixture
def without_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept that would spare the attacker its own searches."""
    nothing = Evidence({}, [])
    monkeypatch.setattr(proving, "kept_evidence", lambda connection, number: nothing)


@pytest.mark.usefixtures("without_evidence")
def test_time_that_runs_out_is_a_refusal(first: Step) -> None:
    thresholds = POLICY.dpia.thresholds.model_copy(update={"proof_seconds": 0})
    hasty = replace(POLICY, dpia=POLICY.dpia.model_copy(update={"thresholds": thresholds}))
    message = first.refusal(first.stored, hasty)
    assert message is not None
    assert not says_too_much(message)


@pytest.mark.parametrize("status", ["unknown", "infeasible", "unbounded", "optimal"])
@pytest.mark.parametrize("with_point", [False, True])
@pytest.mark.usefixtures("without_evidence")
def test_a_solver_that_fails_or_lies_is_a_refusal(
    first: Step, monkeypatch: pytest.MonkeyPatch, status: str, with_point: bool
) -> None:
    def solve(program: Program) -> SolverAnswer:
        point = program.solver.getLp().col_lower_ if with_point else None
        return SolverAnswer(
            status, None if point is None else pd.Series(point).to_numpy(), 0.0, 0.0
        )

    monkeypatch.setattr(Program, "solve", solve)
    assert refused(first, first.stored)


def test_a_solver_that_breaks_down_publishes_nothing(
    first: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(program: Program) -> SolverAnswer:
        raise RuntimeError

    monkeypatch.setattr(Program, "solve", solve)
    with pytest.raises(RuntimeError):
        first.refusal(first.stored)


def test_what_is_shown_by_addition_asks_nothing_of_a_solver_or_of_time(
    first: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(program: Program) -> SolverAnswer:
        return SolverAnswer("unknown", None, 0.0, 0.0)

    monkeypatch.setattr(Program, "solve", solve)
    assert not refused(first, first.stored)
