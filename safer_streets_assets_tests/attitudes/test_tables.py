"""The attitude tables of the research store: scores, answers, gates, and change behind its gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.attitudes.beside_change import beside_change, columns_beside_change
from safer_streets_assets.attitudes.levels import groupings_of, people_at_levels
from safer_streets_assets.attitudes.tables import (
    chosen_responses,
    gate_counts,
    instrument_of,
    read_people,
    read_scores,
    write_change,
    write_gates,
    write_scores,
)
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CRC,
    MPS,
    NPS,
    RESPONSE_ROW,
    Row,
    build_cohort,
    crn,
    data_folder,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)

PEOPLE = 12
PAIRS = 9
BESIDE = {
    "attitude_waves": 21,
    "attitude_start_and_change": 7,
    "clinical_change": 12,
    "clinical_cut_offs": 3,
}
"""Seven scales in three comparisons; seven scales; four classes of three scales; three scales."""
CHANGE_TABLES = (
    "attitude_change",
    "individual_attitude_change",
    "reliable_change",
    "attitude_attrition",
    "attitude_reliability",
    "attitude_not_estimable",
    *BESIDE,
)


def with_gates(needed: int, policy: Policy | None = None) -> Policy:
    """The policy with gates that open at so many."""
    policy = policy or shipped_policy()
    gates = [gate.model_copy(update={"needed": needed}) for gate in policy.dpia.gates]
    dpia = policy.dpia.model_copy(update={"gates": gates})
    return replace(policy, dpia=dpia)


def responses() -> list[Row]:
    """Start responses of everybody; end responses, a little better, of the first `PAIRS`."""
    rows: list[Row] = []
    for number in range(1, PEOPLE + 1):
        start = {"CRN": crn(number), "respid": str(number), "A1": str(1 + number % 3)}
        start |= {"K3": str(1 + number % 5), "G2": str(1 + number % 4), "W1": str(number % 9)}
        rows.append({**start, "S1": "3", "S2_1": "1", "S2_2": "0", "M2": None, "X1": "5"})
        if number <= PAIRS:
            end = {"respid": str(100 + number), "wave": "3", "A1": str(2 + number % 4)}
            rows.append({**start, **end, "K3": "4", "X1": str(1 + number % 5), "X2": "97"})
    return rows


@pytest.fixture(scope="module")
def evaluated(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, DataFolder]]:
    """A small cohort with scores; people 1 to 3 completed, 10 to 12 are women."""
    folder = data_folder(tmp_path_factory.mktemp("evaluated") / "data")
    with stores_in_memory() as connection:
        load_rows(connection, NPS, people_rows(NPS, 9) + people_rows(NPS, 3, first=10, Gender="F"))
        done = {"Outcome": "Completed", "Sessions attended": "12"}
        crc = people_rows(CRC, 3, **done) + people_rows(CRC, 9, first=4)
        load_rows(connection, CRC, crc)
        stranger = {"CRN": "Z999999", "respid": "999"}
        load_rows(connection, ATTENDEE, rows_of(ATTENDEE, *responses(), stranger))
        build_cohort(connection, folder)
        write_scores(connection, shipped_policy())
        yield connection, folder


@pytest.fixture
def connection(
    evaluated: tuple[duckdb.DuckDBPyConnection, DataFolder],
) -> duckdb.DuckDBPyConnection:
    return evaluated[0]


@pytest.fixture(scope="module")
def changed(
    evaluated: tuple[duckdb.DuckDBPyConnection, DataFolder],
) -> duckdb.DuckDBPyConnection:
    """The same, with change computed behind an open gate."""
    connection = evaluated[0]
    write_gates(connection, shipped_policy())
    assert write_change(connection, with_gates(PAIRS))
    return connection


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in fetch(connection, f"DESCRIBE research.{table}")]


def test_the_instrument_is_the_policys_questionnaire(policy: Policy) -> None:
    scales = {scale.code: scale for scale in instrument_of(policy).scales}
    assert list(scales) == policy.questionnaire.scored_scales
    for name, items in v.PRIMARY_SCALES.items():
        assert list(scales[name].item_codes) == list(items)


def test_scores_are_one_row_a_person_wave_and_scale(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    scores = read_scores(connection)
    assert not scores.duplicated(["person_id", "wave", "scale"]).any()
    assert set(scores["scale"]) == set(policy.questionnaire.scored_scales)
    assert "respid" not in scores.columns
    found = scores.groupby(["scale", "wave"])["score"].count()
    assert found["OFF", 1] == PEOPLE + 1
    assert found["OFF", 3] == PAIRS


def test_a_score_is_the_mean_of_its_keyed_items(connection: duckdb.DuckDBPyConnection) -> None:
    # Items 3 but for A1 (key +1) and K3 (key +1), G2 (key -1: 6 - code); person 4 at the start.
    query = (
        "SELECT scale, score FROM research.attitude_scores "
        "JOIN restricted.person_pseudonyms USING (person_id) WHERE crn_key = ? AND wave = 1"
    )
    found = dict(fetch(connection, query, crn(4)))
    assert found["OFF"] == pytest.approx((2 + 4 * 3) / 5)
    assert found["KNF"] == pytest.approx((5 + 4 * 3) / 5)
    assert found["GOAL"] == pytest.approx(((6 - 1) + 3 * 3) / 4)
    assert (found["W1"], found["W4"]) == (4, 6)


def test_writing_scores_again_changes_nothing(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    before = [
        fetch(connection, f"SELECT * FROM research.{t}")
        for t in ("attitude_scores", "survey_answers")
    ]
    told = write_scores(connection, policy)
    after = [
        fetch(connection, f"SELECT * FROM research.{t}")
        for t in ("attitude_scores", "survey_answers")
    ]
    assert after == before
    assert [told] == fetch(
        connection, "SELECT count(*), count(score) FROM research.attitude_scores"
    )


def test_answers_are_long_without_missing_codes_and_free_text(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = fetch(
        connection,
        "SELECT wave, question, answer, count(*) FROM research.survey_answers "
        "WHERE question IN ('S1', 'S2_1', 'S2_2', 'X2', 'M2', 'X5') GROUP BY ALL ORDER BY ALL",
    )
    assert found == [(1, "S1", "3", 12), (1, "S2_1", "1", 12), (1, "S2_2", "0", 12)]
    [(answered,)] = fetch(
        connection, "SELECT count(*) FROM research.survey_answers WHERE question = 'X1'"
    )
    assert answered == PAIRS


def test_what_stands_beside_a_question_at_another_wave_than_its_own_is_no_answer(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    [(beside,)] = fetch(
        connection, "SELECT count(*) FROM research.attendee_responses WHERE wave = 1 AND x1 = 5"
    )
    found = fetch(
        connection, "SELECT DISTINCT wave FROM research.survey_answers WHERE question = 'X1'"
    )
    assert (beside, found) == (PEOPLE, [(3,)])


def test_gates_count_only_the_cohort_and_open_at_their_number(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for needed, is_open in ((PAIRS, True), (PAIRS + 1, False)):
        found = gate_counts(connection, with_gates(needed))["impact"]
        assert (found.n_now, found.n_needed, found.is_open) == (PAIRS, needed, is_open)


def test_a_gate_of_a_source_that_is_not_agreed_stays_closed_whatever_the_count(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    open_by_count = with_gates(1)
    closed = gate_counts(connection, open_by_count)["reoffending"]
    assert (closed.n_now, closed.n_needed, closed.is_open) == (3, 1, False)
    agreed = open_by_count.with_agreement(MPS)
    assert gate_counts(connection, agreed)["reoffending"].is_open


def test_gates_are_written_as_the_policy_lists_them(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    write_gates(connection, policy)
    found = fetch(
        connection,
        "SELECT gate, n_now, n_needed, open FROM research.stage_gates ORDER BY row_order",
    )
    counts = {
        "performance_monitoring": PEOPLE,
        "process_evaluation": PEOPLE,
        "impact": PAIRS,
        "reoffending": 3,
        "linkage_detail": PEOPLE,
    }
    assert found == [
        (gate.name, counts[gate.name], gate.needed, counts[gate.name] >= gate.needed)
        for gate in policy.dpia.gates
    ]


def test_below_the_gate_no_change_of_anybody_is_kept(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    counted = [fetch(changed, f"SELECT count(*) > 0 FROM research.{t}") for t in CHANGE_TABLES]
    assert counted == [[(True,)]] * len(CHANGE_TABLES)
    behind = {table: columns_of(changed, table) for table in CHANGE_TABLES}
    changed.execute("BEGIN TRANSACTION")
    try:
        assert not write_change(changed, with_gates(PAIRS + 1))
        for table in CHANGE_TABLES:
            assert fetch(changed, f"SELECT count(*) FROM research.{table}") == [(0,)], table
        assert {table: columns_of(changed, table) for table in CHANGE_TABLES} == behind
    finally:
        changed.execute("ROLLBACK")


@pytest.mark.parametrize(
    "table", ["attitude_change", "reliable_change", "attitude_attrition", "stage_gates"]
)
def test_a_computed_table_has_every_column_that_will_be_published(
    changed: duckdb.DuckDBPyConnection, policy: Policy, table: str
) -> None:
    spec = policy.tables.tables[table]
    wanted = [*policy.tables.columns(table), *spec.counts, *spec.constants, *spec.statistics]
    assert set(wanted) <= set(columns_of(changed, table))


def test_what_stands_beside_the_change_is_made_with_it(changed: duckdb.DuckDBPyConnection) -> None:
    made = {name: fetch(changed, f"SELECT count(*) FROM research.{name}")[0][0] for name in BESIDE}
    assert made == BESIDE
    reasons = "SELECT DISTINCT reason FROM research.clinical_cut_offs"
    assert fetch(changed, reasons) == [("the policy gives no functional norm",)]
    pairs = (
        "SELECT count(*) FROM research.attitude_waves JOIN research.attitude_change "
        "USING (scale, comparison, n_paired) WHERE group_name = 'Total'"
    )
    assert fetch(changed, pairs) == [(BESIDE["attitude_waves"],)]


def test_tables_beside_the_change_have_their_columns_without_a_row(policy: Policy) -> None:
    people = pd.DataFrame({"person_id": ["p1"], "gender": ["Male"]})
    scores = pd.DataFrame({"person_id": ["p1"], "wave": [1], "scale": ["OFF"], "score": [3.0]})
    instrument = instrument_of(policy)
    with_somebody = beside_change(scores, people, instrument, {"OFF": 0.8})
    assert columns_beside_change(instrument) == {k: list(v) for k, v in with_somebody.items()}


@pytest.mark.thorough
def test_every_missing_figure_has_its_reason_and_no_other_has_one(
    changed: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    told = changed.execute("FROM research.attitude_not_estimable").df()
    assert told["reason"].notna().all()
    for table in ("attitude_change", "reliable_change", "attitude_attrition"):
        spec, keys = policy.tables.tables[table], [*policy.tables.columns(table), "level"]
        frame = changed.execute(f"FROM research.{table}").df()
        missing = {
            (*row[keys], name)
            for _, row in frame.iterrows()
            for name in (*spec.counts, *spec.statistics)
            if pd.isna(row[name])
        }
        own = told[told["table_name"] == table]
        assert sorted(own[[*keys, "statistic"]].itertuples(index=False, name=None)) == sorted(
            missing
        )
        assert missing or table == "reliable_change"


def change_rows(connection: duckdb.DuckDBPyConnection, columns: str, where: str) -> list[Any]:
    return fetch(connection, f"SELECT {columns} FROM research.attitude_change WHERE {where}")


def test_change_is_computed_over_pairs_and_its_groups_add_up(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    scores = read_scores(changed)
    people = set(read_people(changed, shipped_policy(), "participants")["person_id"])
    own = scores[(scores["scale"] == "KNF") & scores["person_id"].isin(people)]
    wide = own.pivot(index="person_id", columns="wave", values="score").astype(float)
    pairs = wide.dropna(subset=[1, 3])
    where = "scale = 'KNF' AND comparison = 'start-end'"
    [(n, mean, sd)] = change_rows(
        changed, "n_paired, mean_change, sd_change", f"{where} AND group_name = 'Total'"
    )
    assert n == len(pairs) == PAIRS
    assert mean == pytest.approx((pairs[3] - pairs[1]).mean(), abs=1e-12)
    assert sd == pytest.approx((pairs[3] - pairs[1]).std(), abs=1e-12)
    levels = {"gender": ["any"], "age band": ["age_band", "age_band by wide_age_band"]}
    for group, level in [(g, at) for g, own in levels.items() for at in own]:
        counts = change_rows(
            changed,
            "n_start, n_paired",
            f"{where} AND group_name = '{group}' AND level = '{level}'",
        )
        assert sum(start for start, _ in counts) == PEOPLE
        assert sum(paired for _, paired in counts) == PAIRS


def test_one_reliable_change_class_a_pair_and_the_total_is_their_sum(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    rows = fetch(
        changed, "SELECT level, scale, class, n FROM research.reliable_change ORDER BY row_order"
    )
    found: dict[str, dict[str, dict[str, int | None]]] = {}
    for level, scale, name, n in rows:
        found.setdefault(level, {}).setdefault(scale, {})[name] = n
    fine, coarse = found["class"], found["class by improved_or_not"]
    assert fine.keys() == coarse.keys() == {"OFF", "KNF", "GOAL"}
    for by_scale, groups in ((fine, 3), (coarse, 2)):
        for classes in by_scale.values():
            total = classes.pop("Total")
            assert len(classes) == groups
            known = [n for n in classes.values() if n is not None]
            assert total == (sum(known) if len(known) == groups else None)
    for scale, classes in coarse.items():
        assert classes["reliably improved"] == fine[scale]["reliable improvement"]


def test_individual_change_is_the_difference_of_a_persons_scores(
    changed: duckdb.DuckDBPyConnection,
) -> None:
    [(wrong, rows)] = fetch(
        changed,
        "SELECT count(*) FILTER (abs(change - (later.score - first.score)) > 1e-12), count(*) "
        "FROM research.individual_attitude_change AS own "
        "JOIN research.attitude_scores AS first ON first.person_id = own.person_id "
        "AND first.scale = own.scale AND first.wave = 1 "
        "JOIN research.attitude_scores AS later ON later.person_id = own.person_id "
        "AND later.scale = own.scale AND later.wave = 3 WHERE comparison = 'start-end'",
    )
    assert wrong == 0
    assert rows > PAIRS


def test_strangers_to_the_cohort_enter_no_change(changed: duckdb.DuckDBPyConnection) -> None:
    [(strangers,)] = fetch(
        changed,
        "SELECT count(*) FROM research.individual_attitude_change "
        "WHERE person_id NOT IN (SELECT person_id FROM research.linked_cohort)",
    )
    assert strangers == 0
    starts = change_rows(
        changed, "n_start",
        "scale = 'OFF' AND comparison = 'start-end' AND group_name = 'Total'",
    )  # fmt: skip
    assert starts == [(PEOPLE,)]


GROUPED = ["gender", "age_band", "delivery", "borough"]


def test_groupings_are_the_policys_categories_then_those_found(policy: Policy) -> None:
    people = pd.DataFrame(
        {
            "gender": ["Male", "Elsewhere"],
            "age_band": ["18-24", None],
            "delivery": ["Group", "Not assigned"],
            "borough": ["Brent", "Barnet"],
        }
    )
    found = {g.name: g.categories for g in groupings_of(people, policy, GROUPED)}
    assert found["gender"] == (*policy.dpia.code_lists["gender"], "Elsewhere")
    assert found["age band"] == tuple(policy.dpia.cohort.age_bands.values())
    assert found["delivery"] == (*policy.dpia.code_lists["delivery"], "Not assigned")
    assert found["borough"] == ("Barnet", "Brent")
    assert "borough" not in {g.name for g in groupings_of(people, policy, GROUPED[:3])}


def test_a_grouping_that_is_coarsened_is_made_at_every_level_over_the_same_people(
    policy: Policy,
) -> None:
    people = pd.DataFrame(
        {
            "gender": ["Male"] * 4,
            "age_band": ["under 18", "18-24", "45+", None],
            "delivery": ["Group"] * 4,
            "borough": ["Brent", "Crawley", None, "Enfield"],
        }
    )
    coarsen = ["borough", "age_band"]
    at_levels = people_at_levels(people, policy, coarsen)
    found = {
        (g.name, g.level): {value: int(m.sum()) for value, m in g.members(at_levels) if m.any()}
        for g in groupings_of(at_levels, policy, GROUPED, coarsen)
    }
    assert found["gender", "any"] == {"Male": 4}
    assert found["age band", "age_band"]["Not known"] == 1
    wide = found["age band", "age_band by wide_age_band"]
    assert wide == {"under 25": 2, "25+": 1, "Not known": 1}
    areas = {"West London": 1, "North London": 1, "Outside London or not known": 2}
    assert found["borough", "borough by area"] == areas


def test_without_a_single_response_every_table_is_made_empty(tmp_path: Any, policy: Policy) -> None:
    folder = data_folder(tmp_path / "data")
    with stores_in_memory() as connection:
        load_rows(connection, NPS, people_rows(NPS, 2))
        build_cohort(connection, folder)
        assert write_scores(connection, policy) == (0, 0)
        found = write_gates(connection, policy)
        assert {name: status.n_now for name, status in found.items()} == {
            gate.name: 2 if gate.population == "sentenced" else 0 for gate in policy.dpia.gates
        }
        assert not write_change(connection, policy)
        for table in CHANGE_TABLES:
            assert fetch(connection, f"SELECT count(*) FROM research.{table}") == [(0,)]


def test_the_response_that_counts_is_the_first_complete_one(tmp_path: Any, policy: Policy) -> None:
    folder = data_folder(tmp_path / "data")
    partial = {
        "respid": "1",
        "status": "3",
        "InterviewStart": "01/02/2020 10:00",
        "InterviewEnd": None,
    }
    first = {"respid": "2", "A1": "1"}
    second = {"respid": "3", "InterviewStart": "04/02/2020 10:00", "InterviewEnd": None, "A1": "5"}
    out = {"respid": "4", "status": "2", "InterviewStart": "01/01/2020 10:00", "InterviewEnd": None}
    with stores_in_memory() as connection:
        load_rows(connection, NPS, people_rows(NPS, 1))
        load_rows(connection, ATTENDEE, rows_of(ATTENDEE, partial, second, first, out))
        build_cohort(connection, folder)
        chosen = chosen_responses(connection, policy)
        assert chosen["A1"].tolist() == [1]
        assert set(v.LIKERT_ITEMS) <= set(chosen.columns)
    assert RESPONSE_ROW["A1"] == "3"


@pytest.fixture
def policy() -> Policy:
    """The policy that ships with the package."""
    return shipped_policy()
