"""The attitude tables of the research store: scores, answers, gates, and change behind its gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.attrition import ATTRITION_COLUMNS, attrition_table
from safer_streets_assets.attitudes.beside_change import beside_change, columns_beside_change
from safer_streets_assets.attitudes.change import (
    CHANGE_COLUMNS,
    change_summary,
    individual_changes,
)
from safer_streets_assets.attitudes.gate import GateStatus, gate_status, pairs_on_primary_scales
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.levels import (
    LEVEL_COLUMNS,
    classes_at_levels,
    groupings_of,
    people_at_levels,
)
from safer_streets_assets.attitudes.movement import movement_counts
from safer_streets_assets.attitudes.not_estimable import COLUMNS as NOT_ESTIMABLE
from safer_streets_assets.attitudes.not_estimable import not_estimable
from safer_streets_assets.attitudes.pairs import COMPARISONS, Comparison, analysis_cube
from safer_streets_assets.attitudes.reliability import ALPHA_COLUMNS, alpha_table
from safer_streets_assets.attitudes.reliable import (
    THRESHOLD_COLUMNS,
    reliable_change,
    thresholds_of,
)
from safer_streets_assets.attitudes.scoring import choose_responses, score_responses
from safer_streets_assets.policy import Gate, Policy
from safer_streets_assets.policy.built_on import COMPUTED_TOGETHER
from safer_streets_assets.policy.questionnaire import WAVES
from safer_streets_assets.stores.frames import registered, write_frame
from safer_streets_assets.stores.registers import stopped_stages
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

START_WAVE = 1
CHANGE_TABLES = (
    "attitude_change",
    "individual_attitude_change",
    "reliable_change",
    "attitude_attrition",
    "attitude_movement",
    "attitude_reliability",
    "reliable_change_threshold",
    "attitude_not_estimable",
    "attitude_waves",
    "attitude_start_and_change",
    "clinical_change",
    "clinical_cut_offs",
)
"""The tables of the research store that are made only behind the gate of change."""
COMPUTED_COLUMNS: Mapping[str, Sequence[str]] = {
    "attitude_change": CHANGE_COLUMNS,
    "reliable_change": LEVEL_COLUMNS,
    "attitude_attrition": ATTRITION_COLUMNS,
}
"""The columns of those that may be published, whichever of them `tables.yaml` prints."""
GROUPED = ("attitude_change", "attitude_attrition")
"""Those whose rows are of groups of people."""


def instrument_of(policy: Policy) -> Instrument:
    """The scales of the policy's questionnaire, as scoring needs them."""
    return Instrument.from_mapping(policy.questionnaire.model_dump(exclude_none=True))


def comparisons_of(policy: Policy) -> list[Comparison]:
    """The comparisons of waves that the questionnaire is asked at."""
    asked = {WAVES[stage] for stage in policy.questionnaire.stages}
    return [one for one in COMPARISONS if {one.first, one.last} <= asked]


def chosen_responses(connection: duckdb.DuckDBPyConnection, policy: Policy) -> pd.DataFrame:
    """The response that counts of each person and wave, with the questionnaire's own item names."""
    responses = policy.dpia.sources[policy.dpia.survey].conformed.table
    frame = connection.execute(f"SELECT * FROM research.{responses} ORDER BY response_number").df()
    items = {
        field.name: field.headers[0]
        for field in policy.questionnaire.agreed_fields()
        if field.name in frame.columns
    }
    frame = frame.rename(columns={**items, "response_number": "respid"})
    whole = ["wave", "status", "respid", *items.values()]
    frame = frame.astype(dict.fromkeys(whole, "Int64"))
    return choose_responses(frame)


def write_scores(connection: duckdb.DuckDBPyConnection, policy: Policy) -> tuple[int, int]:
    """Rebuilds `research.attitude_scores` and `research.survey_answers`.

    Returns the rows of the scores, and how many of them have a score (the half rule).

    `survey_answers` has one row a person, wave and stage-specific question answered: person_id,
    wave, question, answer (the code as text). What stands beside a question in a response of
    another wave than that of its stage was not asked there, and is not an answer.
    """
    chosen = chosen_responses(connection, policy)
    scores = score_responses(chosen, instrument_of(policy))
    scores = scores.drop(columns="respid").astype({"wave": "int64"})
    _write(connection, "attitude_scores", scores)
    _write(connection, "survey_answers", _answers(connection, chosen, policy))
    return len(scores), int(scores["score"].notna().sum())


def gate_counts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, GateStatus]:
    """Each gate of the policy with how many there are now, and whether it is open.

    A gate that requires a source stays closed while that source is not agreed, whatever the count,
    and so does that of a stage that will not go on.
    """
    found = {
        gate.name: _status(gate, _gathered(connection, policy, gate), policy)
        for gate in policy.dpia.gates
    }
    given_up = stopped_stages(connection, "research")
    return {name: _given_up(s) if name in given_up else s for name, s in found.items()}


def _gathered(connection: duckdb.DuckDBPyConnection, policy: Policy, gate: Gate) -> int:
    """How many there are now of what a gate counts, among the people whom it counts."""
    people = read_people(connection, policy, gate.population)
    if gate.measure == "people":
        return len(people)
    return pairs_on_primary_scales(read_scores(connection), people, instrument_of(policy))


def write_gates(connection: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, GateStatus]:
    """Rebuilds `research.stage_gates` (gate, n_now, n_needed, open) and returns it by gate.

    Where the registers are attached, the research store is told which stages will not go on.
    """
    _write(connection, "stopped_stages", pd.DataFrame({"gate": _stopped(connection)}))
    found = gate_counts(connection, policy)
    rows = [
        {"gate": name, "n_now": s.n_now, "n_needed": s.n_needed, "open": s.is_open}
        for name, s in found.items()
    ]
    _write(connection, "stage_gates", pd.DataFrame(rows))
    return found


def gate_of_table(connection: duckdb.DuckDBPyConnection, policy: Policy, table: str) -> GateStatus:
    """The stage gate that a published table waits for. The policy is refused when a table that is
    computed behind a gate names none.

    Raises:
        KeyError: the table waits for no gate.
    """
    return gate_counts(connection, policy)[policy.tables.tables[table].gate or ""]


def change_gate(policy: Policy) -> str | None:
    """The gate that the published tables of change wait for, which is one; None: none is published,
    and then no change is computed."""
    published = policy.tables.tables.values()
    return next((t.gate for t in published if t.computed in COMPUTED_TOGETHER), None)


def change_population(policy: Policy) -> str:
    """The population of the published tables of change, which is one.

    Raises:
        StopIteration: none is published, and then no change is computed.
    """
    published = policy.tables.tables.values()
    return next(t.population for t in published if t.computed in COMPUTED_TOGETHER)


def change_may_begin(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether the gate of change is open."""
    gate = change_gate(policy)
    return gate is not None and gate_counts(connection, policy)[gate].is_open


def write_change(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Rebuilds the change tables behind the gate; returns whether the gate is open.

    `attitude_change`, `individual_attitude_change`, `reliable_change`, `attitude_attrition`,
    `attitude_movement`, `attitude_reliability`, `reliable_change_threshold`,
    `attitude_not_estimable`, which says why a figure of theirs is missing,
    and those of `beside_change`. Below the gate they are made empty: no change score of anybody is
    computed or kept.
    """
    is_open = change_may_begin(connection, policy)
    frames = _change_frames(connection, policy) if is_open else _empty_frames(policy)
    for name, frame in frames.items():
        _write(connection, name, frame)
    return is_open


def read_scores(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The scores as `score_responses` makes them, without the response's identity."""
    frame = connection.execute(
        "SELECT * EXCLUDE (row_order) FROM research.attitude_scores ORDER BY row_order"
    ).df()
    return frame.astype({"score": "Float64"})


def read_people(
    connection: duckdb.DuckDBPyConnection, policy: Policy, population: str
) -> pd.DataFrame:
    """The people of a population, as the attitude functions take them: one row a person."""
    return connection.execute(
        f"SELECT {', '.join(map(quoted_name, columns_of_people(policy)))} "
        "FROM research.linked_cohort WHERE stage_number >= $1 ORDER BY person_id",
        [policy.stage_number(population) or 1],
    ).df()


def columns_of_people(policy: Policy) -> list[str]:
    """The columns of the linked cohort that the attitude functions need: whose row it is, and the
    characteristics that the tables of change have groups of."""
    facets = [column for name in GROUPED for column in facets_of(policy, name)]
    return ["person_id", *dict.fromkeys(facets), "stage_number"]


def facets_of(policy: Policy, table: str) -> list[str]:
    """The characteristics that a table of change has groups of; none where it is not published."""
    return [*policy.tables.facet_dimensions(table)] if table in policy.tables.tables else []


def _coarsened(policy: Policy, table: str) -> list[str]:
    return policy.tables.tables[table].coarsen if table in policy.tables.tables else []


def _stopped(connection: duckdb.DuckDBPyConnection) -> pd.Series:
    return pd.Series(sorted(stopped_stages(connection)), dtype="string")


def _given_up(status: GateStatus) -> GateStatus:
    sentence = "Not made: this stage of the evaluation will not go on."
    return GateStatus(status.n_now, status.n_needed, False, sentence)


def _status(gate: Gate, n_now: int, policy: Policy) -> GateStatus:
    status = gate_status(n_now, gate.needed, gate.unit)
    if gate.requires_source is not None and gate.requires_source not in policy.sources:
        sentence = "Not made: the agreement for the source it needs is not signed."
        return GateStatus(status.n_now, status.n_needed, False, sentence)
    return status


def _change_frames(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> dict[str, pd.DataFrame]:
    instrument, comparisons = instrument_of(policy), comparisons_of(policy)
    coarsen = {name: _coarsened(policy, name) for name in GROUPED}
    everywhere = list(dict.fromkeys(d for own in coarsen.values() for d in own))
    scores = read_scores(connection)
    people = people_at_levels(
        read_people(connection, policy, change_population(policy)), policy, everywhere
    )
    groups = groupings_of(
        people, policy, facets_of(policy, "attitude_change"), coarsen["attitude_change"]
    )
    summary = change_summary(scores, people, instrument, groups, comparisons=comparisons)
    chosen = chosen_responses(connection, policy)
    in_cohort = chosen[chosen["person_id"].isin(people["person_id"])]
    cube = analysis_cube(scores, people, instrument, comparisons)
    alphas = alpha_table(in_cohort, instrument, among=cube)
    at_start = {
        str(scale): None if pd.isna(alpha) else float(alpha)
        for scale, alpha in alphas[alphas["wave"] == START_WAVE].set_index("scale")["alpha"].items()
    }
    reliable = reliable_change(scores, people, instrument, at_start)
    groups = groupings_of(
        people, policy, facets_of(policy, "attitude_attrition"), coarsen["attitude_attrition"]
    )
    attrition = attrition_table(scores, people, instrument, groups)
    classes = classes_at_levels(reliable.counts, policy)
    return {
        "attitude_change": summary.table,
        "individual_attitude_change": individual_changes(
            scores, people, instrument, comparisons=comparisons
        ),
        "reliable_change": classes,
        "attitude_attrition": attrition.table,
        "attitude_movement": movement_counts(scores, people, instrument, comparisons=comparisons),
        "attitude_reliability": alphas,
        "reliable_change_threshold": thresholds_of(reliable, alphas),
        "attitude_not_estimable": not_estimable(summary, classes, reliable, attrition),
        **beside_change(scores, people, instrument, at_start),
    }


def _empty_frames(policy: Policy) -> dict[str, pd.DataFrame]:
    """The change tables without a row, with the columns they have behind an open gate."""
    shapes = {name: [*columns] for name, columns in COMPUTED_COLUMNS.items()}
    shapes["individual_attitude_change"] = ["person_id", "scale", "comparison", "change", "benefit"]
    shapes["attitude_not_estimable"] = NOT_ESTIMABLE
    shapes["attitude_movement"] = ["scale", "comparison", "movement", "n"]
    shapes["attitude_reliability"] = list(ALPHA_COLUMNS)
    shapes["reliable_change_threshold"] = THRESHOLD_COLUMNS
    shapes |= columns_beside_change(instrument_of(policy))
    return {
        name: pd.DataFrame({column: pd.Series(dtype="string") for column in columns})
        for name, columns in shapes.items()
    }


def _answers(
    connection: duckdb.DuckDBPyConnection, chosen: pd.DataFrame, policy: Policy
) -> pd.DataFrame:
    """Stage-specific answers in long form, each at the wave of its stage, without missing codes
    and free text."""
    asked = [
        (column, WAVES[question.stage])
        for question in policy.questionnaire.stage_specific
        if question.kind != "text"
        for column in question.options or [question.id]
    ]
    if not asked:
        types = {"person_id": "string", "wave": "int64", "question": "string", "answer": "string"}
        return pd.DataFrame(columns=[*types]).astype(types)
    questions = pd.DataFrame(asked, columns=["question", "wave"])
    questions["place"] = range(len(questions))
    listed = ", ".join(quoted_name(column) for column, _ in asked)
    with (
        registered(connection, "counting_responses", chosen),
        registered(connection, "asked_questions", questions),
    ):
        return connection.execute(
            read_sql("attitudes", "survey_answers").format(questions=listed),
            {"missing_codes": [int(code) for code in policy.questionnaire.missing_codes]},
        ).df()


def _write(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    ordered = frame.assign(row_order=range(len(frame)))
    write_frame(connection, f"research.{quoted_name(name)}", ordered)
