"""The plain stack: a year's drops to protected tables by one Dagster job in one process.

    python -m benchmarks.plain.job LANDING OUT tau-argus|next-smallest [PACKAGES]

Pandas reads and links, great-expectations looks at three frames, DuckDB counts, and each table is
protected by itself. Nothing is encrypted, proven, held, reviewed or erased; a bad file ends it.
It is what one would write for these drops alone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from benchmarks.plain.attitudes import (
    MISSING,
    answers,
    change_statistics,
    changes,
    reliability,
    scores,
)
from benchmarks.plain.protection import SECONDARY, Thresholds, printed
from benchmarks.plain.sources import (
    Place,
    age_bands,
    case_studies,
    checkins,
    court_cases,
    forms,
    policy,
    programme_cases,
    responses,
)
from benchmarks.plain.tables import ATTENDANCE, TABLES


@dg.asset
def expectations(
    court_cases: pd.DataFrame, programme_cases: pd.DataFrame, responses: pd.DataFrame
) -> None:
    """A suite of great-expectations on each of three frames; a failure ends the job."""
    import great_expectations as gx  # noqa: PLC0415 (late, as the product does)
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    expect: Any = gx.expectations
    codes = {name: list(given) for name, given in policy("dpia")["code_lists"].items()}
    likert = [one for one in map(str, responses) if re.fullmatch(r"[akg]\d", one)]
    wellbeing = [one for one in map(str, responses) if re.fullmatch(r"w\d", one)]
    in_set, filled = expect.ExpectColumnValuesToBeInSet, expect.ExpectColumnValuesToNotBeNull
    looked_at: dict[str, tuple[pd.DataFrame, list[Any]]] = {
        "court_cases": (
            court_cases,
            [
                *(filled(column=str(name)) for name in court_cases),
                in_set(column="gender", value_set=codes["gender"]),
                expect.ExpectColumnValuesToBeBetween(column="age", min_value=10, max_value=110),
                expect.ExpectColumnValuesToMatchRegex(column="offence", regex=r"^\d{5}$"),
                expect.ExpectCompoundColumnsToBeUnique(
                    column_list=["person", "disposal_date", "offence"]
                ),
            ],
        ),
        "programme_cases": (
            programme_cases,
            [
                *(filled(column=name) for name in ("person", "sentence_date", "assigned")),
                in_set(column="crc_gender", value_set=codes["gender"]),
                in_set(column="outcome", value_set=codes["outcome"]),
                in_set(column="reason_not_assigned", value_set=codes["reason_not_assigned"]),
                in_set(column="reason_one_to_one", value_set=codes["reason_one_to_one"]),
                in_set(column="sessions_attended", value_set=list(range(13))),
                expect.ExpectColumnValuesToMatchRegex(column="crc_offence", regex=r"^\d{5}$"),
                expect.ExpectCompoundColumnsToBeUnique(column_list=["person", "sentence_date"]),
            ],
        ),
        "responses": (
            responses,
            [
                *(filled(column=name) for name in ("respid", "person", "status", "wave")),
                expect.ExpectColumnValuesToBeUnique(column="respid"),
                in_set(column="status", value_set=[1, 2, 3]),
                in_set(column="wave", value_set=[1, 2, 3]),
                *(in_set(column=one, value_set=[*range(1, 6), *MISSING]) for one in likert),
                *(in_set(column=one, value_set=[*range(11), *MISSING]) for one in wellbeing),
            ],
        ),
    }
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("plain")
    for name, (frame, expected) in looked_at.items():
        whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        batch = whole.get_batch(batch_parameters={"dataframe": frame})
        found: Any = batch.validate(gx.ExpectationSuite(name=name, expectations=expected))
        if not found.success:
            failed = [one.expectation_config.type for one in found.results if not one.success]
            raise dg.Failure(f"{name} is not as expected: {', '.join(failed)}")


@dg.asset(deps=[expectations])
def cohort(court_cases: pd.DataFrame, programme_cases: pd.DataFrame) -> pd.DataFrame:
    """One row a person whom NPS sent, with their CRC case and the furthest stage reached."""
    rules = policy("dpia")
    opens = {
        borough: pd.Timestamp(phase["opens"])
        for phase in rules["roll_out"]["phases"]
        for borough in phase["boroughs"]
    }
    cases = court_cases.copy()
    cases["eligible"] = (
        (cases["age"] >= rules["eligibility"]["minimum_age"])
        & cases["offence"].isin(list(rules["eligibility"]["offence_codes"]))
        & (cases["borough"].map(opens) <= cases["disposal_date"])
    )
    cases = cases.sort_values(
        ["eligible", "disposal_date", "offence"], ascending=[False, True, True]
    ).drop_duplicates("person")
    people = cases.merge(programme_cases, on="person", how="left", indicator=True)
    people["apart"] = (people["disposal_date"] - people["sentence_date"]).abs()
    people = people.sort_values(["person", "apart"]).drop_duplicates("person")
    on_spreadsheet, assigned = people.pop("_merge") == "both", people["assigned"].eq(True)
    reached = [
        people["eligible"],
        on_spreadsheet,
        assigned,
        people["start_date"].notna(),
        people["sessions_attended"] >= rules["cohort"]["midpoint_sessions"],
        people["outcome"] == "Completed",
    ]
    people["stage_number"] = 1 + pd.concat(reached, axis=1).cummin(axis=1).sum(axis=1)
    people["derived"] = people["eligible"].map({True: "eligible", False: "not eligible"})
    people["crc_decision"] = assigned.map({True: "assigned", False: "not assigned"}).where(
        on_spreadsheet, "not on spreadsheet"
    )
    people["delivery"] = people["delivery"].fillna("Not assigned")
    people["age_band"] = age_bands(people["age"])
    people["month"] = people["disposal_date"].dt.strftime("%Y-%m")
    people["days_to_start"] = (people["start_date"] - people["disposal_date"]).dt.days
    return people.drop(columns=["apart", "assigned"])


@dg.asset
def links(
    cohort: pd.DataFrame,
    programme_cases: pd.DataFrame,
    responses: pd.DataFrame,
    checkins: pd.DataFrame,
) -> pd.DataFrame:
    """One row a row of a source: whether its person is in the cohort, and is a participant."""
    rows = pd.concat(
        [
            frame[["person"]].assign(source=source, month=frame[day].dt.strftime("%Y-%m"))
            for source, frame, day in (
                ("crc_eligibility", programme_cases, "sentence_date"),
                ("ors_attendee_survey", responses, "interviewstart"),
                ("ors_facilitator_checkin", checkins, "sessiondate"),
            )
        ]
    ).merge(cohort[["person", "derived", "crc_decision"]], on="person", how="left")
    rows["link_result"] = "linked"
    rows.loc[rows["crc_decision"] == "not on spreadsheet", "link_result"] = (
        "linked and not on spreadsheet"
    )
    rows.loc[rows["derived"] == "not eligible", "link_result"] = "linked and not eligible"
    rows.loc[rows["derived"].isna(), "link_result"] = "not linked"
    return rows


@dg.asset
def published(
    place: Place,
    cohort: pd.DataFrame,
    programme_cases: pd.DataFrame,
    responses: pd.DataFrame,
    checkins: pd.DataFrame,
    forms: pd.DataFrame,
    case_studies: pd.DataFrame,
    links: pd.DataFrame,
    answers: pd.DataFrame,
    reliability: pd.DataFrame,
    changes: pd.DataFrame,
    change_statistics: pd.DataFrame,
) -> None:
    """Every table counted, protected by itself, and written as CSV and into one DuckDB file."""
    rules = policy("dpia")
    limits = rules["thresholds"]
    thresholds = Thresholds(limits["minimum_count"], limits["minimum_base_mean"])
    stages = pd.DataFrame({"stage": rules["cohort"]["stages"]})
    stages["number"] = stages.index + 1
    frames = locals() | {"stages": stages}
    with duckdb.connect() as counting, duckdb.connect(str(Path(place.out) / "plain.duckdb")) as out:
        for name, frame in frames.items():
            if isinstance(frame, pd.DataFrame):
                counting.register(name, frame)
        counting.execute(ATTENDANCE)
        for name, table in TABLES.items():
            cells = printed(counting, table, SECONDARY[place.secondary], thresholds)
            cells.to_csv(Path(place.out) / f"{name}.csv", index=False)
            out.register("cells", cells)
            out.execute(f"CREATE TABLE {name} AS FROM cells")


def main(landing: str, out: str, secondary: str, packages: str = "") -> None:
    """Runs the job; its history is kept beside the tables, as the product's is.

    `packages` is a folder of packages that are in no lock file.
    """
    sys.path += [packages] if packages else []
    history = Path(out) / "history"
    history.mkdir(parents=True)
    steps = [
        court_cases, programme_cases, responses, checkins, forms, case_studies, expectations,
        cohort, links, answers, scores, reliability, changes, change_statistics, published,
    ]  # fmt: skip
    definitions = dg.Definitions(
        assets=steps,
        jobs=[dg.define_asset_job("plain", executor_def=dg.in_process_executor)],
        resources={
            "place": Place(landing=landing, out=out, secondary=secondary),
            "io_manager": dg.mem_io_manager,
        },
    )
    with dg.DagsterInstance.local_temp(str(history)) as instance:
        definitions.resolve_job_def("plain").execute_in_process(
            {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}, instance=instance
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
