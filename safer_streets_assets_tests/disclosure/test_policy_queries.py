# ruff: noqa: E501 - a table of mistakes, one a line
"""A query or an expression of the policy that DuckDB cannot run is refused before there is a drop."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from safer_streets_assets.cohort.winning_rows import make_empty_latest, make_latest
from safer_streets_assets.console import evaluation
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.disclosure.policy_queries import refuse_broken_queries
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.policy import Policy, PolicyError, load_policy
from safer_streets_assets.policy.loading import _content, model_of, policy_of
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.sql_files import quoted_name
from safer_streets_assets_tests.builders import memory, policy
from safer_streets_assets_tests.policy.test_every_leaf import changed, contents, models, places

__all__ = ["memory", "policy"]

SHIPPED = Path(str(resources.files("safer_streets_assets.policy")))

Spoil = Callable[[str], str]


def instead(old: str, new: str) -> Spoil:
    """Puts one text in place of another that is there."""

    def spoil(text: str) -> str:
        assert old in text, f"{old} is no longer in the policy"
        return text.replace(old, new, 1)

    return spoil


def policy_with(file: str, spoil: Spoil) -> Policy:
    """The shipped policy with one file spoiled; it loads."""
    text = spoil((SHIPPED / file).read_text(encoding="utf-8"))
    shipped = load_policy()
    if file.startswith("sql/"):
        return replace(
            shipped, sql={**shipped.sql, file.removeprefix("sql/").removesuffix(".sql"): text}
        )
    return policy_of({**models(), file: model_of(file, _content(text, file))}, shipped.sql, "x")


def select_as(select: str) -> Spoil:
    return instead("SELECT\n", f"SELECT\n    {select},\n")


MISTAKES: dict[str, tuple[str, Spoil, str]] = {
    # what: file, how, how the sentence goes on after the file
    "a query that is no SQL": ("sql/not_assigned.sql", instead("FROM", "FORM"), r"line 6: DuckDB cannot run it \(syntax error at or near"),
    "a query of an unknown table": ("sql/not_assigned.sql", instead("research.linked_cohort", "research.linked_cohorts"), r"line 6: .*linked_cohorts does not exist"),
    "a query of an unknown column": ("sql/survey_responses.sql", instead("    wave,", "    waves,"), r"line 4: .*waves"),
    "a query of an unknown list": ("sql/attendance.sql", instead("programme_sessions", "sessions_of_it"), r"line \d+: .*sessions_of_it does not exist"),
    "a query that calls an unknown function": ("sql/not_assigned.sql", instead("    borough", "    borough_of(borough)"), r"line 4: .*borough_of does not exist"),
    "a query of rows with identifiers": ("sql/not_assigned.sql", instead("research.linked_cohort", "restricted.person_pseudonyms"), r"line 6: .*person_pseudonyms.* does not exist"),
    "a query of a file": ("sql/not_assigned.sql", instead("research.linked_cohort", "read_csv('people.csv')"), r"line 6: .*disabled"),
    "a query with a semicolon": ("sql/case_studies.sql", lambda text: f"{text};\n", r"line 5: .*syntax error"),
    "two queries": ("sql/not_assigned.sql", lambda text: f"{text}; DROP TABLE research.linked_cohort", r"line \d+: .*syntax error"),
    "no query": ("sql/not_assigned.sql", lambda text: "DELETE FROM research.linked_cohort\n", r"line 1: .*syntax error"),
    "an empty query": ("sql/not_assigned.sql", lambda text: "-- later\n", r"(whole file|line \d+): .*syntax error"),
    "a column that a table is counted by is missing": ("sql/not_assigned.sql", instead("    borough,\n", ""), r"tables\.non_assignment\.dimensions: sql/not_assigned\.sql gives no column borough; use one of person_id, reason"),
    "a column that a population is restricted by is missing": ("sql/cohort_stages.sql", instead("    cohort.delivery,\n", ""), r"tables\.\w+\.(dimensions|within): sql/cohort_stages\.sql gives no column delivery"),
    "a column that a statistic is of is missing": ("sql/attendance.sql", instead("    attendance.engagement,\n", ""), r'tables\.attendance_by_session\.statistics\.mean_engagement\.expression: .*"engagement" not found'),
    "a column of an expression is mistyped": ("tables.yaml", instead("expression: sum(ticked)", "expression: sum(tickd)"), r'tables\.knife_reasons\.counts\.n\.expression: .*"tickd" not found'),
    "a field that may be empty without a word for it": ("tables.yaml", instead("words: [themes, not_recorded]", "words: [themes]"), r"tables\.case_study_themes\.dimensions: theme of case_studies may be empty; name a word of said_nothing"),
    "an expression that is no SQL": ("tables.yaml", instead("expression: sum(ticked)", "expression: sum(ticked"), r"tables\.knife_reasons\.counts\.n\.expression: .*syntax error"),
    "an expression of single rows": ("tables.yaml", instead("expression: sum(ticked)", "expression: ticked"), r"tables\.knife_reasons\.counts\.n\.expression: .*GROUP BY"),
    "a count of something else": ("tables.yaml", instead("expression: sum(ticked)", "expression: avg(ticked)"), r"tables\.knife_reasons\.counts\.n\.expression: it gives DOUBLE, which is no whole number"),
    "two expressions": ("tables.yaml", instead("expression: sum(ticked)", 'expression: "sum(ticked), 1"'), r"tables\.knife_reasons\.counts\.n\.expression: it gives STRUCT"),
    "a statistic that is no number": ("tables.yaml", instead("expression: median(days_to_start)", "expression: max(month)"), r"tables\.\w+\.statistics\.median_days\.expression: it gives VARCHAR, which is no number"),
    "a base of an unknown column": ("tables.yaml", instead("base: count(engagement)", "base: count(engaged)"), r'tables\.attendance_by_session\.statistics\.mean_engagement\.base: .*"engaged" not found'),
    "a statistic that nothing computes": ("tables.yaml", lambda text: text.replace("mean_start", "mean_begin"), r"tables\.attitude_change\.statistics: what computes attitude_change makes no column mean_begin"),
    "a count that nothing computes": ("tables.yaml", lambda text: text.replace("n_with_end", "n_at_the_end"), r"tables\.attitude_attrition\.counts: what computes attitude_attrition makes no column n_at_the_end"),
    "a count of re-offending that nothing computes": ("tables.yaml", lambda text: text.replace("n_censored", "n_left"), r"tables\.reoffending\.counts: what computes reoffending makes no column n_left"),
    "a conformed table of an unknown column": ("sql/court_cases.sql", instead("date_of_birth,", "birthday,"), r'line 6: .*"birthday" not found'),
    "a conformed table without a declared column": ("sql/court_cases.sql", lambda text: re.sub(r"    whole_years.*\n", "", text), r"whole file: it gives no column age_at_disposal of nps_court_outcomes; select it"),
    "a conformed table with a column that nobody declared": ("sql/court_cases.sql", select_as("date_of_birth"), r"whole file: its column date_of_birth is not declared; take it out"),
    "a conformed table with a column twice": ("sql/court_cases.sql", select_as("gender"), r"whole file: its column gender\w* is not declared"),
    "a conformed table with a column of another type": ("sql/programme_cases.sql", instead("assigned = 'Yes' AS assigned", "assigned AS assigned"), r"whole file: its column assigned is VARCHAR; cast it to BOOLEAN"),
    "a conformed table that does not say where a row comes from": ("sql/court_cases.sql", instead("    file_row,\n", ""), r"whole file: it gives no column file_row"),
    "a conformed table of what is not agreed": ("sql/police_events.sql", instead("event_date NULLS", "event_day NULLS"), r"line \d+: .*event_day"),
    "a conformed table of raw rows": ("sql/case_studies.sql", instead("FROM minimal", "FROM restricted.mtc_novo_raw"), r"line 3: .*mtc_novo_raw"),
    "a query of the cohort that is no SQL": ("sql/cohort/row_links.sql", instead("FROM", "FORM"), r"line \d+: DuckDB cannot run it"),
    "a query of the cohort of an unknown column": ("sql/cohort/linked_cohort.sql", instead("age_at_disposal", "age_at_birth"), r"line \d+: .*age_at_birth"),
    "a query of the cohort without a declared column": ("sql/cohort/source_conflicts.sql", lambda text: f"SELECT * EXCLUDE (differs) FROM (\n{text})", r"whole file: it gives no column differs of source_conflicts; select it"),
    "a query of the cohort with a column that nobody declared": ("sql/cohort/row_links.sql", lambda text: f"SELECT *, 1 AS one FROM (\n{text})", r"whole file: its column one is not declared; take it out, or put it under cohort.tables.row_links.columns"),
    "a query of the cohort with a column of another type": ("sql/cohort/row_links.sql", lambda text: f"SELECT * REPLACE (1 AS month) FROM (\n{text})", r"whole file: its column month is INTEGER; cast it to VARCHAR"),
    "a query of sources that count the same": ("sql/checkins_against_crc.sql", lambda text: f"SELECT * EXCLUDE (agrees) FROM (\n{text})", r"whole file: it gives no column agrees of type BOOLEAN; select it"),
    "a query of monitoring": ("sql/monitoring/factors.sql", instead("FROM", "FORM"), r"line \d+: DuckDB cannot run it"),
    "a query of whom is followed": ("sql/reoffending/follow_up.sql", instead("FROM", "FORM"), r"line \d+: DuckDB cannot run it"),
    "something else in braces": ("sql/court_cases.sql", instead("{kept}", "{keep}"), r"whole file: in braces stands something else"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_one_sentence_with_file_place_and_remedy(what: str) -> None:
    file, spoil, goes_on = MISTAKES[what]
    with pytest.raises(PolicyError) as caught:
        refuse_broken_queries(policy_with(file, spoil))
    sentence = str(caught.value)
    told = "tables.yaml" if goes_on.startswith("tables") else file
    assert re.match(rf"{re.escape(told)}, {goes_on}", sentence), sentence
    assert re.search(r"; [a-z].*\.$", sentence), "what is wrong; remedy"
    assert "\n" not in sentence


def test_a_changed_column_or_expression_of_a_table_is_refused() -> None:
    """Each leaf of tables.yaml that is SQL or the name of a column of a query."""
    tried = [
        path
        for path, value in places(contents()["tables.yaml"])
        if path[-1:] in (("expression",), ("base",), ("column",)) and isinstance(value, str)
    ]
    assert len(tried) > 10
    for path in tried:
        content = changed(contents()["tables.yaml"], "changed", path)
        with pytest.raises(PolicyError, match=r"^tables\.yaml, .+: .+; .+\.$"):
            refuse_broken_queries(
                policy_of(
                    {**models(), "tables.yaml": model_of("tables.yaml", content)},
                    load_policy().sql,
                    "digest",
                )
            )


def test_rows_are_bound_as_they_are_made_of_what_was_loaded(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    """What queries of conformed tables are bound over has the columns of what they read."""
    everything = policy.with_agreement("mps_reoffending")
    ensure_raw_tables(memory, everything)
    declared = Catalogue(everything).columns("restricted", "person_pseudonyms")
    listed = ", ".join(f"{quoted_name(name)} {doc.type}" for name, doc in declared.items())
    memory.execute(f"CREATE TABLE IF NOT EXISTS restricted.person_pseudonyms ({listed})")
    for name, source in everything.sources.items():
        with duckdb.connect(":memory:") as nothing_loaded:
            make_latest(memory, everything, name)
            make_empty_latest(nothing_loaded, source)
            made, bound = (
                [connection.execute(f"DESCRIBE {t}").fetchall() for t in ("latest", "minimal")]
                for connection in (memory, nothing_loaded)
            )
        assert made == bound, name


def test_the_shipped_policy_is_bound_and_one_with_every_source_agreed() -> None:
    refuse_broken_queries(load_policy())
    refuse_broken_queries(load_policy().with_agreement("mps_reoffending"))


def test_definitions_are_not_built_of_a_policy_with_a_broken_query() -> None:
    broken = policy_with("sql/not_assigned.sql", instead("FROM", "FORM"))
    with pytest.raises(PolicyError, match=r"^sql/not_assigned\.sql, line 6"):
        build_defs(broken)


def test_a_run_of_a_policy_with_a_broken_query_touches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = policy_with("sql/not_assigned.sql", instead("FROM", "FORM"))
    monkeypatch.setattr(evaluation, "load_policy", lambda: broken)
    folder = tmp_path / "data"
    waiting = folder / "landing" / "mtc_novo" / "cases.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("Reference\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"^sql/not_assigned\.sql, line 6"):
        evaluation.run_evaluation(Console(), Console(), folder, demo=False)
    assert [path for path in folder.rglob("*") if path.is_file()] == [waiting]
