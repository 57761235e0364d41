"""A second evaluation runs from its own policy folder, with nothing of Safer Streets in its way.

Steady Work is invented: other sources, words, stages, gates, boroughs, retention rules and a data
controller of its own (`safer_streets_assets_tests/steady_work`).
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.e2e.commands import Finished, Surroundings, run_command
from safer_streets_assets_tests.retention.builders import decided, publish
from safer_streets_assets_tests.steady_work.drops import (
    MISTYPED,
    POLICY,
    SOMEBODY_ELSE,
    crn,
    full_name,
    write_drops,
)

TABLES = ["attitude_change", "funnel", "funnel_by_district", "funnel_by_month", "stage_gates"]
OTHERS_WORDS = re.compile(
    r"mopac|\bcrc\b|\bnps\b|\bors\b|\bmtc\b|knife|\brar\b|facilitator|london|probation"
    r"|met(ropolitan)? police|non-assignment|attendance|programme sessions|\bborough|disposal"
    r"|sentenc(ed|ing)|from sentence|six digits|one-to-one",
    re.IGNORECASE,
)
THEIR_NAME = re.compile(r"safer streets", re.IGNORECASE)
"""The program's own name is written with a hyphen or an underscore, and may stand."""


class Evaluation:
    """Commands on a data folder of Steady Work."""

    said = ""
    """What the first run said."""

    def __init__(self, root: Path) -> None:
        """Makes what the commands need around them."""
        self.data = root / "data"
        self.around = Surroundings(root / "around").prepare()

    def say(self, *words: str, typed: str = "", policy: Path | None = POLICY) -> Finished:
        """A command, by default under the policy of Steady Work."""
        named = {"SAFER_STREETS_POLICY": str(policy)} if policy else {}
        return run_command(
            self.around, *words, typed=typed, SAFER_STREETS_DATA=str(self.data), **named
        )

    def do(self, *words: str, typed: str = "") -> str:
        """What a command says that goes well."""
        done = self.say(*words, typed=typed)
        assert done.code == 0, (words, done.err, done.out[-2000:])
        return done.out

    @property
    def release(self) -> Path:
        (found,) = (self.data / "published" / "releases").iterdir()
        return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Three drops, and the first run."""
    evaluation = Evaluation(tmp_path_factory.mktemp("steady"))
    evaluation.do("init")
    write_drops(evaluation.data / "landing")
    evaluation.said = evaluation.do("run")
    return evaluation


@pytest.fixture
def evaluation(first: Evaluation, tmp_path: Path) -> Evaluation:
    """A copy of it."""
    copied = Evaluation(tmp_path)
    shutil.copytree(first.data, copied.data)
    return copied


def texts_of(file: Path) -> Iterator[str]:
    """What a printed file says; an archive says what its parts do."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as parts:
            for name in parts.namelist():
                yield parts.read(name).decode("utf-8", errors="replace")
    elif file.suffix not in {".png", ".parquet", ".duckdb"}:
        yield file.read_text(encoding="utf-8", errors="replace")


@pytest.mark.thorough
def test_it_publishes_its_own_tables_and_they_are_proven(first: Evaluation) -> None:
    made = json.loads((first.release / "release.json").read_text())
    assert "Steady Work" in (first.release / "report.html").read_text()
    with duckdb.connect(
        str(first.data / "published" / "published.duckdb"), read_only=True
    ) as open_:
        told = open_.execute("SELECT table_name FROM table_index ORDER BY 1").fetchall()
        funnel = open_.execute("SELECT stage, n FROM funnel").fetchall()
    assert [name for (name,) in told] == TABLES
    assert funnel == [("referred", 240), ("offered a place", 200), ("placed", 160), ("in work", 96)]
    assert made
    assert "Proven" in first.do("attack")


@pytest.mark.thorough
def test_nothing_that_is_printed_or_said_is_of_safer_streets(first: Evaluation) -> None:
    said = {"run": first.said, "status": first.do("status"), "drops": first.do("drops")}
    for file in sorted(path for path in first.release.rglob("*") if path.is_file()):
        assert "safer" not in file.name
        said[str(file.relative_to(first.release))] = "\n".join(texts_of(file))
    said["index.html"] = (first.data / "published" / "index.html").read_text()
    found = {
        place: sorted(
            {match[0] for rule in (OTHERS_WORDS, THEIR_NAME) for match in rule.finditer(text)}
        )
        for place, text in said.items()
    }
    assert {place: words for place, words in found.items() if words} == {}


@pytest.mark.thorough
def test_nobody_is_named_outside_its_restricted_store(first: Evaluation) -> None:
    needles = [text.encode() for n in range(60) for text in (crn(n), full_name(n))]
    places = [first.data / "published", first.data / "dagster", first.data / "registers"]
    for file in (one for place in places for one in place.rglob("*") if one.is_file()):
        content = file.read_bytes()
        assert not any(needle in content for needle in needles), file
    assert not any(needle.decode() in first.said for needle in needles)


@pytest.mark.thorough
def test_everybody_is_told_what_is_held_and_all_goes_when_its_own_rule_says(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "answer"
    evaluation.do(
        "subject-access", "--received", "2026-01-31", "--out", str(out), typed=f"{crn(7)}\n"
    )
    (answer,) = out.rglob("*.json")
    assert full_name(7) in answer.read_text()
    monkeypatch.setenv("SAFER_STREETS_POLICY", str(POLICY))
    folder = DataFolder(evaluation.data, evaluation.data / "keys")
    decided(folder, datetime(2024, 1, 5, 12))
    publish(folder, "Report", "2024-02-01", datetime(2024, 2, 2))
    evaluation.do("retention", "--enforce", "--yes")
    left = [one for one in evaluation.data.rglob("*") if one.is_file()]
    needle = full_name(7).encode()
    assert not any(needle in one.read_bytes() for one in left)
    assert not (evaluation.data / "restricted" / "restricted.duckdb").exists()


@pytest.mark.thorough
def test_its_near_misses_are_told_by_its_own_numbers_and_fields(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    listed = tmp_path / "near_misses.csv"
    evaluation.do("review", "list", "--out", str(listed))
    with listed.open(encoding="utf-8-sig", newline="") as lines:
        (found,) = csv.DictReader(lines)
    assert (found["crn_sent"], found["crn_meant"]) == (MISTYPED, crn(0))
    assert found["agrees_on"] == "born on, order of dates, sex"
    assert SOMEBODY_ELSE not in listed.read_text(encoding="utf-8-sig")


@pytest.mark.thorough
def test_a_number_of_another_form_is_refused_by_its_own_name(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    out = tmp_path / "answer"
    asked = ("subject-access", "--received", "2026-01-31", "--out", str(out))
    refused = evaluation.say(*asked, typed="W610000\n")
    assert refused.code == 1
    assert "That is not a Case number: it has two letters and five digits" in refused.err
    evaluation.do(*asked, typed=f"{crn(0)}\n")
    (answer,) = out.rglob("*.json")
    assert MISTYPED in answer.read_text()


@pytest.mark.thorough
def test_its_report_has_its_own_headings_and_its_files_its_own_name(first: Evaluation) -> None:
    page = (first.release / "report.html").read_text()
    for said in (
        "From referral to work",
        "Referrals by month",
        "Districts of Northmoor",
        "Change in outlook",
        "People are counted in the month in which they were referred.",
        "Months are months of referral",
        "People who were placed, by district",
        "Show one district",
    ):
        assert said in page
    assert (first.release / "steady_work_tables.xlsx").exists()
    assert (first.release / "steady_work_tables.ods").exists()


@pytest.mark.thorough
def test_its_examples_ask_for_stages_that_it_has(first: Evaluation) -> None:
    with duckdb.connect(
        str(first.data / "published" / "published.duckdb"), read_only=True
    ) as open_:
        queries = open_.execute("SELECT sql FROM example_queries").fetchall()
        answers = [open_.execute(query).fetchall() for (query,) in queries]
    assert len(answers) >= 5
    assert not any("'started'" in query for (query,) in queries)


@pytest.mark.thorough
def test_invented_drops_of_safer_streets_are_refused_for_it(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    for words in (("demo-drops", str(tmp_path / "drops")), ("run", "--demo")):
        if words[0] == "run":
            shutil.rmtree(evaluation.data)
        refused = evaluation.say(*words)
        assert refused.code == 1
        assert "SAFER_STREETS_POLICY names another one" in refused.err


@pytest.mark.thorough
def test_the_graph_of_dagster_is_of_its_sources(tmp_path: Path) -> None:
    script = (
        "from safer_streets_assets.definitions import defs\n"
        "keys = defs.resolve_asset_graph().get_all_asset_keys()\n"
        "print(*sorted(key.to_user_string() for key in keys))"
    )
    around = Surroundings(tmp_path).prepare()
    given = around.environment(
        SAFER_STREETS_POLICY=str(POLICY), SAFER_STREETS_DATA=str(tmp_path / "data")
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assets = run.stdout.split()
    assert {"referrals_raw", "placements_raw", "work_survey_raw", "linked_cohort"} <= set(assets)
    assert not OTHERS_WORDS.search(run.stdout.replace("_", " "))


@pytest.mark.thorough
def test_a_data_folder_is_of_one_evaluation(evaluation: Evaluation) -> None:
    before = {
        path: path.read_bytes()
        for path in evaluation.data.rglob("*")
        if path.is_file() and path.name != ".run.lock"
    }
    for words in (("run",), ("drops",), ("retention", "--enforce", "--yes")):
        refused = evaluation.say(*words, policy=None)
        assert refused.code == 1
        assert refused.err.count("\n") == 1
        assert "is the data folder of the evaluation steady_work" in refused.err
    after = {path: path.read_bytes() for path in before if path.exists()}
    assert after == before


@pytest.mark.thorough
def test_a_policy_folder_that_is_not_there_is_refused_with_a_sentence(
    evaluation: Evaluation,
) -> None:
    refused = evaluation.say("run", policy=evaluation.data / "nowhere")
    assert refused.code == 1
    assert "SAFER_STREETS_POLICY" in refused.err
    assert refused.err.count("\n") == 1


@pytest.mark.thorough
def test_its_missed_links_are_estimated_from_its_own_fields(evaluation: Evaluation) -> None:
    pytest.importorskip("splink")
    said = evaluation.do("review", "missed")
    assert "Cases of placements that link to nobody" in said
    assert "with the name and born on of somebody of referrals" in said
    assert not OTHERS_WORDS.search(said)
