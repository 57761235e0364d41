"""The views that people read: labels, markers in cells, and a dimension across."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.disclosure.core_tables import as_of_column
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.columns import columns_of
from safer_streets_assets_tests.release import builders, report_tables
from safer_streets_assets_tests.release.builders import POLICY, content, publish, query

STAGES = POLICY.dpia.cohort.stages
NUMBERS = ("session", "months", "missed_in_a_row")
"""Dimensions whose categories are numbers that speak for themselves."""


def database(root: Path, frames: dict[str, pd.DataFrame], policy: Policy = POLICY) -> Path:
    given = content(frames, notes={})
    return publish(builders.data_folder(root), given, policy=policy).path / "published.duckdb"


def headings(path: Path, view: str) -> list[str]:
    return [column for column, *_ in query(path, f"DESCRIBE {view}")]


def comment(path: Path, view: str) -> str:
    sql = f"SELECT comment FROM duckdb_views() WHERE view_name = '{view}'"
    ((said,),) = query(path, sql)
    return str(said)


def test_a_funnel_by_borough_has_a_row_a_borough_and_a_column_a_stage(tmp_path: Path) -> None:
    path = database(tmp_path, {"funnel_by_borough": report_tables.boroughs()})
    assert headings(path, "v_funnel_by_borough") == ["borough", *STAGES]
    assert query(path, "FROM v_funnel_by_borough") == [
        ("Lambeth", "61", "51", "46", "42", "38", "28", "18"),
        ("Hackney", "70", "54", "41", "27", "[c]", "16", "5"),
        ("Barnet", "9", "0", "0", "0", "0", "0", "0"),
        ("Total", "140", "105", "87", "69", "53", "44", "23"),
    ]
    assert comment(path, "v_funnel_by_borough").startswith(
        "To be read: People, with the categories of stage as columns. People at each stage"
    )


def test_each_further_figure_has_a_wide_view_of_its_own(tmp_path: Path) -> None:
    frames = {
        "funnel_by_borough": report_tables.boroughs(),
        "attendance_by_session": builders.attendance(),
    }
    path = database(tmp_path, frames)
    shares = query(path, "FROM v_funnel_by_borough_conversion")
    assert shares[0][1:3] == ("[z]", "84 % (72 to 91)")
    assert shares[1][5:7] == ("[c]", "[c]")
    views = "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'v_att%' ORDER BY 1"
    assert [name for (name,) in query(path, views)] == [
        "v_attendance_by_session",
        "v_attendance_by_session_mean_engagement",
        "v_attendance_by_session_n_attended",
    ]
    assert query(path, "FROM v_attendance_by_session") == [
        ("1", "30", "[c]", "[c]"),
        ("2", "25", "10", "35"),
    ]
    assert query(path, "FROM v_attendance_by_session_mean_engagement") == [
        ("1", "3.25", "[c]", "[c]"),
        ("2", "2.5", "[z]", "0"),
    ]


def test_codes_are_called_by_their_labels_down_and_across(tmp_path: Path) -> None:
    codes = ["00811", "10501", "Total"]
    keys = [(code, stage) for code in codes for stage in STAGES]
    frames = {
        "non_assignment": builders.non_assignment(),
        "funnel_by_offence": builders.table("funnel_by_offence", keys, {"n": [0] * len(keys)}),
    }
    path = database(tmp_path, frames)
    labels = POLICY.labels_of("codes:reason_not_assigned")
    assert headings(path, "v_non_assignment") == [
        "borough",
        *(labels[code] for code in ("01", "02", "99")),
        "Total",
    ]
    assert [row[0] for row in query(path, "FROM v_funnel_by_offence")] == [
        POLICY.dpia.eligibility.offence_codes["00811"],
        "Other offence (10501)",
        "Total",
    ]


def test_a_table_that_is_not_wide_is_read_row_for_row(tmp_path: Path) -> None:
    path = database(tmp_path, builders.tables(gate_open=True))
    assert query(path, "FROM v_funnel")[:2] == [
        ("sentenced", "120", "[z]"),
        ("eligible", "100", "83 % (76 to 89)"),
    ]
    assert query(path, "FROM v_funnel")[-1][1] == "[c]"
    (first, *_) = query(path, "SELECT gate, n_now, n_needed, open FROM v_stage_gates")
    gate = POLICY.dpia.gates[0]
    assert first == (f"{gate.title} ({gate.unit})", "60", gate.needed, True)
    scale, mean = query(path, "SELECT scale, mean_change FROM v_attitude_change")[1]
    assert (scale, mean) == ("Views towards offending (OFF)", "[c]")


def test_a_wide_table_without_rows_has_the_columns_that_policy_lists(tmp_path: Path) -> None:
    none = builders.table("reliable_change", [], {"n": []})
    path = database(tmp_path, {"reliable_change": none})
    assert headings(path, "v_reliable_change") == [
        "scale",
        *(POLICY.values_of(POLICY.tables.dimensions["class"].values) or ()),
    ]
    assert query(path, "FROM v_reliable_change") == []


def test_a_category_that_is_called_as_a_column_down_keeps_its_code(tmp_path: Path) -> None:
    spec = POLICY.tables.tables["attrition"].model_copy(update={"across": "outcome"})
    named = {**POLICY.dpia.code_lists, "delivery": {"Group": "Group", "One-to-one": "Alone"}}
    dimension = POLICY.tables.dimensions["outcome"].model_copy(update={"also": ["Delivery"]})
    tables = POLICY.tables.model_copy(
        update={
            "tables": {**POLICY.tables.tables, "attrition": spec},
            "dimensions": {**POLICY.tables.dimensions, "outcome": dimension},
        }
    )
    policy = replace(
        POLICY, tables=tables, dpia=POLICY.dpia.model_copy(update={"code_lists": named})
    )
    keys = [(delivery, "Delivery") for delivery in ("Group", "One-to-one")]
    frame = builders.table("attrition", keys, {"n": [7, 8]})
    path = database(tmp_path, {"attrition": frame}, policy)
    assert headings(path, "v_attrition") == ["delivery", "Delivery (Delivery)"]
    assert query(path, "FROM v_attrition") == [("Group", "7"), ("Alone", "8")]


def test_a_count_that_is_held_back_is_read_with_its_marker(tmp_path: Path) -> None:
    thresholds = POLICY.dpia.thresholds.model_copy(update={"hold_back": True})
    policy = replace(POLICY, dpia=POLICY.dpia.model_copy(update={"thresholds": thresholds}))
    frame = report_tables.boroughs()
    frame[as_of_column("n")] = pd.Series(1, index=frame.index, dtype="Int64").where(
        frame["n"].notna()
    )
    frame.loc[0, "n_marker"] = "[h]"
    path = database(tmp_path, {"funnel_by_borough": frame}, policy)
    assert query(path, "FROM v_funnel_by_borough")[0][:3] == ("Lambeth", "61 [h]", "51")


def test_the_view_says_what_the_table_says_cell_by_cell(tmp_path: Path) -> None:
    frames = report_tables.frames(funnel_by_borough=report_tables.boroughs())
    path = database(tmp_path, frames)
    for name, frame in frames.items():
        across = POLICY.tables.tables[name].across
        if across is None or frame.empty:
            continue
        figure = next(iter(POLICY.tables.tables[name].counts))
        marker = f"{figure}_marker"
        said: list[Any] = [
            marked if pd.isna(value) else str(value)
            for value, marked in zip(frame[figure], frame[marker], strict=True)
        ]
        shown = query(path, f"FROM v_{name}")
        wide = len(list(POLICY.tables.columns(name))) - 1
        assert sorted(cell for row in shown for cell in row[wide:]) == sorted(said), name


@pytest.mark.parametrize("name", POLICY.tables.tables)
def test_every_code_that_a_table_may_print_has_a_label(name: str) -> None:
    """A code is a number or a letter, letters with numbers, or a name of the code."""
    code = re.compile(r"\d+|[A-Z]\d*|[A-Z]\d_\d+|[A-Z]{2,}|[a-z]+(_[a-z]+)+")
    for column in columns_of(POLICY, name, pd.DataFrame()):
        if column.role != "dimension" or column.name in NUMBERS:
            continue
        dimension = POLICY.tables.dimension_of(name, column.name)
        assert dimension is not None
        spec = POLICY.tables.dimensions[dimension]
        listed = list(POLICY.values_of(spec.values) or ())
        listed += [word for words in spec.words for word in POLICY.values_of(words) or ()]
        rows: list[dict[str, object]] = [{}]
        answers = POLICY.questionnaire.published_answers
        if column.within is not None:
            rows = [{column.within: question} for question in answers]
        for row in rows:
            own = answers[str(row[column.within])] if column.within else listed
            for category in filter(code.fullmatch, own):
                assert column.label(category, row) != category, (name, column.name, category)


def test_the_dictionary_says_what_each_count_is_of(tmp_path: Path) -> None:
    frames = {
        **builders.tables(),
        "training_feedback": report_tables.training(),
        "linkage_quality": report_tables.linkage(),
    }
    path = database(tmp_path, frames)
    rows = query(
        path, "SELECT table_name, column_name, unit FROM data_dictionary WHERE unit IS NOT NULL"
    )
    units = {(table, column): unit for table, column, unit in rows}
    counts = {(name, n) for name in frames for n in POLICY.tables.tables[name].counts}
    assert set(units) == counts
    assert units["funnel", "n"] == units["attendance_by_session", "n_attended"] == "people"
    assert units["training_feedback", "n"] == "forms"
    assert units["linkage_quality", "n"] == "rows"
    assert POLICY.tables.unit_of("survey_response") == "responses"
