"""Two batches of drops and the releases they make: numbers, safety, and nothing new."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from safer_streets_assets.disclosure.check_witnesses import check_folder
from safer_streets_assets.disclosure.earlier import earlier_releases
from safer_streets_assets.disclosure.joint_protection import PROVEN, prove_release
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.release.drop_references import drop_called
from safer_streets_assets.stores import STORE_NAMES, open_stores
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    MPS,
    NOVO,
    NPS,
    TRAINING,
    bytes_under,
    digests_under,
)
from safer_streets_assets_tests.e2e.commands import Surroundings, run_command
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    instance_of,
    published,
    query,
    run_steps,
    states_under,
    with_password,
)
from safer_streets_assets_tests.privacy.planting import PEOPLE

PLANTED = {
    (NPS, "loaded"): 1,
    (NPS, "quarantined"): 5,
    (CRC, "loaded"): 2,
    (CRC, "quarantined"): 1,
    (CHECKIN, "loaded"): 1,
    (CHECKIN, "quarantined"): 1,
    (ATTENDEE, "loaded"): 1,
    (TRAINING, "loaded"): 1,
    (NOVO, "loaded"): 1,
    (MPS, "refused"): 1,
    ("unknown", "refused"): 2,
}
"""What becomes of the drops with canaries."""
BATCHES = ["first", pytest.param("second", marks=pytest.mark.thorough)]


def _funnel(run: WholeRun) -> dict[str, int]:
    """The truth about everybody sent: the invented people, and the canaries, who are sentenced."""
    return {
        stage: n + PEOPLE * (stage == "sentenced") for stage, n in run.manifest["funnel"].items()
    }


def test_the_ledger_holds_every_drop_with_the_fate_the_manifest_says(second: WholeRun) -> None:
    expected = Counter(PLANTED)
    for source, truth in second.manifest["sources"].items():
        for state in ("loaded", "quarantined", "refused"):
            expected[source, state] += truth[state]
    sql = "SELECT source, state, count(*) FROM registers.drops GROUP BY ALL"
    assert {row[:2]: row[2] for row in query(second.folder, sql)} == dict(+expected)


def test_the_counts_before_protection_are_the_truth(second: WholeRun) -> None:
    assert dict(query(second.folder, "SELECT stage, n FROM research.aggregates.funnel")) == _funnel(
        second
    )
    gate = "SELECT n_now FROM research.stage_gates WHERE gate = 'impact'"
    assert query(second.folder, gate) == [(second.manifest["start_end_pairs"],)]


def test_no_file_of_a_release_holds_the_id_of_a_drop_but_the_one_it_is_called_by_finds_it(
    second: WholeRun,
) -> None:
    drops = query(second.folder, "SELECT drop_id FROM registers.drops WHERE state = 'loaded'")
    written = b"".join(bytes_under(second.folder.published).values())
    assert not any(str(drop_id).encode() in written for (drop_id,) in drops)
    with published(second.folder) as connection:
        [(called,)] = connection.execute('SELECT drop_ids FROM "release"').fetchall()
    with open_stores(second.folder, read=["registers"]) as connection:
        found = {drop_called(second.folder, connection, name) for name in called}
        assert drop_called(second.folder, connection, "0" * 64) is None
    assert found == {drop_id for (drop_id,) in drops}


def _printed_funnel(run: WholeRun) -> list[tuple[str, int | None, str | None]]:
    with published(run.folder) as connection:
        return connection.execute("SELECT stage, n, n_marker FROM funnel").fetchall()


def test_the_first_funnel_is_the_truth_where_it_is_printed(first: WholeRun) -> None:
    truth = dict(query(first.folder, "SELECT stage, n FROM research.aggregates.funnel"))
    rows = _printed_funnel(first)
    assert [stage for stage, _, _ in rows] == list(truth)
    assert any(n is not None for _, n, _ in rows)
    for stage, n, marker in rows:
        assert (n, marker) in ((truth[stage], None), (None, "[c]"))


def test_the_second_funnel_lies_between_the_first_and_the_truth(
    first: WholeRun, second: WholeRun
) -> None:
    truth = _funnel(second)
    before = dict(query(first.folder, "SELECT stage, n FROM research.aggregates.funnel"))
    rows = _printed_funnel(second)
    assert [stage for stage, _, _ in rows] == list(truth)
    assert any(n is not None for _, n, _ in rows)
    for stage, n, marker in rows:
        assert marker == "[c]" if n is None else before[stage] <= n <= truth[stage]


@pytest.mark.parametrize("batch", BATCHES)
def test_no_count_of_one_to_four_is_published(
    batch: str, request: pytest.FixtureRequest, policy: Policy
) -> None:
    run: WholeRun = request.getfixturevalue(batch)
    with published(run.folder) as connection:
        for table, spec in policy.tables.tables.items():
            for count in spec.counts:
                small = f"SELECT count(*) FROM {table} WHERE {count} BETWEEN 1 AND 4"
                assert connection.execute(small).fetchone() == (0,), (table, count)


def test_the_second_batch_makes_a_second_release(first: WholeRun, second: WholeRun) -> None:
    sql = "SELECT number, release_id FROM registers.releases ORDER BY number"
    before, after = query(first.folder, sql), query(second.folder, sql)
    assert [number for number, _ in after] == [1, 2]
    assert after[:1] == before
    name = f"releases/{before[0][1]}"
    assert digests_under(second.folder.published / name) == digests_under(
        first.folder.published / name
    )
    with published(second.folder) as connection:
        assert connection.execute('SELECT release_id FROM "release"').fetchall() == [(after[1][1],)]


@pytest.mark.parametrize("batch", BATCHES)
def test_a_release_of_invented_drops_says_so(batch: str, request: pytest.FixtureRequest) -> None:
    run: WholeRun = request.getfixturevalue(batch)
    with published(run.folder) as connection:
        assert connection.execute('SELECT invented FROM "release"').fetchall() == [(True,)]
        notes = connection.execute("SELECT notes FROM table_index").fetchall()
    assert all(text.startswith("Invented data") for (text,) in notes)
    assert "Invented data" in run.finished.out


def test_an_attack_over_both_releases_finds_nothing(second: WholeRun, policy: Policy) -> None:
    with open_stores(second.folder, read=STORE_NAMES) as connection:
        releases = earlier_releases(second.folder, connection)
    assert len(releases) == 2
    verdicts = prove_release(policy, releases)
    assert verdicts
    assert set(verdicts.values()) == {PROVEN}


def test_no_printed_count_moved_by_one_to_four(
    first: WholeRun, second: WholeRun, policy: Policy
) -> None:
    compared = 0
    for table, spec in policy.tables.tables.items():
        keys = ", ".join(policy.tables.columns(table))
        for count in spec.counts:
            found = []
            for run in (first, second):
                with published(run.folder) as connection:
                    rows = connection.execute(f"SELECT {keys}, {count} FROM {table}").fetchall()
                found.append({row[:-1]: row[-1] for row in rows if row[-1] is not None})
            for cell in found[0].keys() & found[1].keys():
                compared += 1
                assert abs(found[1][cell] - found[0][cell]) not in range(1, 5), (table, count)
    assert compared > 50


@pytest.mark.thorough
def test_a_command_with_nothing_new_says_so_and_touches_nothing(
    second: WholeRun, tmp_path: Path
) -> None:
    folder = copy_data(second.folder, tmp_path / "data")
    before = states_under(folder.published)
    around = Surroundings(tmp_path / "around").prepare()
    done = run_command(around, "run", "--data", str(folder.root), **with_password(folder))
    assert done.code == 0, done.err
    assert "Nothing new: r0002-" in done.out
    assert states_under(folder.published) == before


def test_a_hidden_stage_of_the_funnel_is_shown_as_hidden(second: WholeRun) -> None:
    with published(second.folder) as connection:
        hidden = connection.execute("SELECT stage FROM funnel WHERE n IS NULL").fetchall()
    assert hidden
    lines = [line.rstrip() for line in second.finished.out.splitlines()]
    for (stage,) in hidden:
        assert [line for line in lines if line.startswith(f"{stage} ") and line.endswith("[c]")]


@pytest.mark.thorough
def test_publishing_the_same_again_publishes_nothing(
    second: WholeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_data(second.folder, tmp_path / "data")
    before = states_under(folder.published)
    with instance_of(folder, monkeypatch) as instance:
        result = run_steps(folder, instance, ["published_tables"])
    assert result.success
    (made,) = result.asset_materializations_for_node("published_tables")
    assert made.metadata["changed"].value is False
    assert states_under(folder.published) == before


@pytest.fixture
def policy() -> Policy:
    """The policy that ships with the package."""
    return load_policy()


def test_the_witnesses_of_both_releases_hold_by_addition(second: WholeRun) -> None:
    before, after = check_folder(second.folder)
    assert 0 < before[1] < after[1]
