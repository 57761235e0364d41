"""The recipes of docs/recipes.md, each carried out on a copy of the policy as the page says."""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import yaml

from safer_streets_assets.attitudes import checks as attitude_checks
from safer_streets_assets.attitudes import score_responses
from safer_streets_assets.attitudes.tables import instrument_of
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.disclosure.core_tables import count_tables
from safer_streets_assets.documentation.dpia_table import dpia_table
from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.reference import tables_page
from safer_streets_assets.documentation.retention_page import retention_page
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import add_publication, read_register
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CRC,
    NPS,
    Row,
    crn,
    data_folder,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.changed_policies import Files, changed_policy
from safer_streets_assets_tests.generated_years import Month, counted
from safer_streets_assets_tests.releases_in_a_row import publish_in_a_row

RECIPES = Path(__file__).resolve().parents[1] / "docs" / "recipes.md"
PEOPLE = 40
COURTS = {"Thames Magistrates' Court": 24, "Stratford Magistrates' Court": 16}
SENTENCES = ("Community Order", "Suspended Sentence Order", "Fine")
OUTCOMES = ("In progress", "Withdrawn", "Transferred")


def example(heading: str) -> Any:
    """The block of YAML in the recipe under that heading."""
    recipe = RECIPES.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```yaml\n(.*?)```", recipe, re.DOTALL)
    return yaml.safe_load(textwrap.dedent(block))


def counted_cohort(policy: Policy, place: Path, *answers: Row) -> Month:
    """The aggregates of a small cohort of people who started, who answered the survey like this."""
    folder = data_folder(place / "data")
    with stores_in_memory(policy) as connection:
        courts = [court for court, n in COURTS.items() for _ in range(n)]
        court_rows, programme_rows = people_rows(NPS, PEOPLE), people_rows(CRC, PEOPLE)
        # Several sentences and outcomes: a row of one category would be hidden whole.
        for k, court in enumerate(courts):
            court_rows[k] |= {"Court": court, "Resulting Sentence": SENTENCES[k % 3]}
            programme_rows[k] |= {"Outcome": OUTCOMES[k % 3]}
        load_rows(connection, NPS, court_rows, policy=policy)
        load_rows(connection, CRC, programme_rows, policy=policy)
        load_rows(connection, ATTENDEE, answers, policy=policy)
        Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
        make_pseudonyms(connection, folder, policy)
        return counted(connection, policy)


def end_responses(**changes: str) -> list[dict[str, Any]]:
    """A response of each person at the end."""
    return [
        {**row, "CRN": crn(n), "wave": "3", "respid": str(20000 + n), **changes}
        for n, row in enumerate(rows_of(ATTENDEE, *[{}] * PEOPLE), start=1)
    ]


@pytest.mark.thorough
def test_a_table_added_to_the_policy_is_compiled_counted_and_printed(tmp_path: Path) -> None:
    def add(files: Files) -> None:
        files["tables"]["tables"].update(example("A published table"))

    policy = changed_policy(tmp_path / "policy", add)
    month = counted_cohort(policy, tmp_path)
    made = next(publish_in_a_row(policy, [month]))
    parts = count_tables(made.policy, made.truth)["starts_by_court"]
    assert [part.spec.dimensions for part in parts] == [("court", "gender")]
    table = made.protected.tables["starts_by_court"].set_index(["court", "gender"])["n"]
    assert {court: table[court, "Male"] for court in COURTS} == COURTS
    assert table["Total", "Total"] == PEOPLE
    assert "## starts_by_court" in tables_page(policy)


def with_scale(files: Files) -> None:
    """A scale of two items, one of them reversed."""
    added = example("An attitude scale")
    files["questionnaire"]["scales"].update(added["scales"])
    files["questionnaire"]["items"] += added["items"]


def test_an_attitude_scale_added_to_the_policy_is_an_agreed_field_and_scored(
    tmp_path: Path,
) -> None:
    policy = changed_policy(tmp_path, with_scale)
    fields = {field.name: field for field in policy.sources[ATTENDEE].fields}
    assert (fields["t1"].range, fields["t2"].headers) == ((1, 5), ["T2"])
    instrument = instrument_of(policy)
    items = [code for scale in instrument.scales for code in scale.item_codes]
    response = {"person_id": "p", "respid": 1, "wave": 1, "status": 1, **dict.fromkeys(items, 3)}
    frame = pd.DataFrame([{**response, "T1": 2, "T2": 5}])
    scores = score_responses(frame.astype(dict.fromkeys(items, "Int64")), instrument)
    assert scores.set_index("scale").loc["TRUST", ["score", "n_items"]].tolist() == [4.5, 2]
    assert "TRUST" in policy.questionnaire.primary_scales


def with_question(files: Files) -> None:
    """A question about the programme."""
    files["questionnaire"]["stage_specific"] += example("A survey question")


@pytest.mark.thorough
def test_the_answers_to_a_question_added_to_the_policy_are_in_its_table(tmp_path: Path) -> None:
    policy = changed_policy(tmp_path / "policy", with_question)
    aggregates, _ = counted_cohort(policy, tmp_path, *end_responses(X6="2"))
    table = aggregates["experience"]
    answers = table[table["question"].eq("X6")].set_index("answer")["n"]
    assert (answers["2"], answers["Total"]) == (PEOPLE, PEOPLE)
    assert "X6 = I would come again" in tables_page(policy)


def with_rule(files: Files) -> None:
    """Another rule for personal data, named by every source, in place of the one that was."""
    rules = files["dpia"]["retention"]["rules"]
    rules.pop("personal_data")
    rules.update(example("A retention rule"))
    for source in files["dpia"]["sources"].values():
        source["retention"] = "six_months"


def test_a_retention_rule_added_to_the_policy_governs_the_holdings_of_its_sources(
    tmp_path: Path,
) -> None:
    policy = changed_policy(tmp_path / "policy", with_rule)
    folder = DataFolder(tmp_path / "data", tmp_path / "data" / "keys").prepare()
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        ensure_registers(connection)
        add_publication(
            connection, shipped_policy(), "Report", date(2020, 2, 29), datetime(2020, 3, 1)
        )
    lines = {line.holding: line for line in read_register(folder, policy, date(2020, 3, 2))}
    clock = lines["restricted/store"].clock
    assert (clock.rule, clock.due_on) == ("six_months", date(2020, 8, 29))
    assert "| `six_months` | Personal data, six months" in retention_page(policy)


@pytest.mark.thorough
def test_a_spelling_added_to_a_place_makes_who_lives_there_eligible(tmp_path: Path) -> None:
    def with_spelling(files: Files) -> None:
        [(borough, spellings)] = example("A spelling of a place")["lists"]["boroughs"][
            "words"
        ].items()
        files["places"]["lists"]["boroughs"]["words"][borough] += spellings

    def made(policy: Policy, place: Path) -> list[tuple[Any, ...]]:
        folder = data_folder(place)
        Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
        with stores_in_memory() as connection:
            load_rows(connection, NPS, rows_of(NPS, {"Borough": "BRIXTON (LB)"}), policy=policy)
            make_pseudonyms(connection, folder, policy)
            for source in (NPS, CRC):
                conform(connection, policy, source)
            link_cohort(connection, policy)
            return connection.execute(
                "SELECT borough, derived FROM research.linked_cohort"
            ).fetchall()

    changed = changed_policy(tmp_path / "policy", with_spelling)
    assert made(shipped_policy(), tmp_path / "before") == [("Borough not known", "not eligible")]
    assert made(changed, tmp_path / "after") == [("Lambeth", "eligible")]


@pytest.mark.thorough
def test_a_check_added_to_a_stage_is_in_the_definitions_and_the_dpia_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(files: Files) -> None:
        files["dpia"]["sections"]["purpose"]["enforced_by"].append("check scores_are_in_range")

    @dg.asset_check(
        asset="attitude_scores", name="scores_are_in_range", description="No score is outside."
    )
    def scores_are_in_range() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    policy = changed_policy(tmp_path, named)
    with pytest.raises(DocumentsError, match="there is no check scores_are_in_range"):
        dpia_table(policy, build_defs(policy))
    shipped = attitude_checks.build_checks
    monkeypatch.setattr(
        attitude_checks, "build_checks", lambda given: [*shipped(given), scores_are_in_range]
    )
    definitions = build_defs(policy)
    names = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    assert "scores_are_in_range" in names
    assert any("check `scores_are_in_range`" in line for line in dpia_table(policy, definitions))
