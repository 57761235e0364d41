"""The DPIA's words on the lawful basis stand as they are; a difference is open until answered."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb
import openpyxl

from safer_streets_assets.accountability.export import registers_workbook, what_waits
from safer_streets_assets.accountability.tables import ensure_accountability
from safer_streets_assets.definitions import defs
from safer_streets_assets.documentation.dpia_table import dpia_table
from safer_streets_assets.documentation.retention_page import retention_page
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.lawful_basis import BasisAnswer
from safer_streets_assets.retention.holdings.rules import facts_of_sources
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import ATTENDEE, CHECKIN, CRC, NPS, TRAINING, memory

__all__ = ["memory"]

NOW = datetime(2026, 3, 1, 9)
CHECK = "dpia_questions_are_answered"


def answered(policy: Policy, article: Any, *sources: str) -> Policy:
    """The policy with an answer to a question about sources."""
    rules = policy.dpia.lawful_basis
    answer = BasisAnswer(
        sources=list(sources),
        article=article,
        holds=getattr(policy.sources[sources[0]], f"article_{article}"),
        answered_on=date(2026, 2, 1),
        by=rules.asked,
        why="The DPIA will be corrected",
    )
    basis = rules.model_copy(update={"answers": [*rules.answers, answer]})
    return replace(policy, dpia=policy.dpia.model_copy(update={"lawful_basis": basis}))


def cell(policy: Policy) -> str:
    """The row of the README's table on the lawful basis."""
    return next(line for line in dpia_table(policy, defs) if line.startswith("| Lawful basis"))


def test_the_words_of_table_4_1_stand_as_they_are(policy: Policy) -> None:
    rules = policy.dpia.lawful_basis
    said = {
        name: tuple(rules.words_of(name, article) for article in ("6", "9", "10"))
        for name in policy.dpia.sources
    }
    for name in (NPS, CRC):
        assert said[name] == ("Public task", "Not applicable", "Official authority")
    for name in (ATTENDEE, CHECKIN):
        assert said[name] == ("Public task", "Not applicable", "Not applicable")
    assert said[TRAINING] == (None, None, None)
    assert "2.2.1" in rules.beside
    assert "health" in rules.beside


def test_a_difference_is_an_open_question_and_the_same_basis_is_none(policy: Policy) -> None:
    found = {(one.source, one.article) for one in policy.dpia.open_questions}
    assert found == {
        (CRC, "9"),
        (ATTENDEE, "9"),
        (NPS, "10"),
        (CRC, "10"),
        (ATTENDEE, "10"),
        (CHECKIN, "10"),
    }


def test_an_answer_takes_its_question_away_everywhere_and_no_other(
    policy: Policy, memory: duckdb.DuckDBPyConnection
) -> None:
    ensure_registers(memory)
    ensure_accountability(memory)
    after = answered(policy, "9", CRC, ATTENDEE)
    for one, is_open in ((policy, True), (after, False)):
        lines = [what for _, what, _ in what_waits(memory, one, NOW)[CHECK]]
        assert any("Article 9 of" in line for line in lines) is is_open
        assert any("Article 10 of" in line for line in lines)
        assert ("Article 9 of" in cell(one)) is is_open
        assert ("Article 9 of" in facts_of_sources(one, [CRC]).open_question) is is_open
        assert "Article 10 of" in facts_of_sources(one, [CRC]).open_question
        assert facts_of_sources(one, [CRC]).dpia_9 == "Not applicable"
    row = next(line for line in retention_page(after).splitlines() if f"`{CRC}` | 9" in line)
    assert "answered 2026-02-01 by Data Protection Officer" in row


def test_with_every_question_answered_nothing_is_open(
    policy: Policy, memory: duckdb.DuckDBPyConnection
) -> None:
    ensure_registers(memory)
    ensure_accountability(memory)
    after = policy
    for one in policy.dpia.open_questions:
        after = answered(after, one.article, one.source)
    assert what_waits(memory, after, NOW)[CHECK] == []
    assert "Open" not in cell(after)
    assert facts_of_sources(after, list(after.sources)).open_question == ""


def test_the_exported_registers_hold_both_words_of_each_source(
    policy: Policy, memory: duckdb.DuckDBPyConnection
) -> None:
    ensure_registers(memory)
    ensure_accountability(memory)
    book = openpyxl.load_workbook(io.BytesIO(registers_workbook(memory, policy, NOW)))
    rows = [row for row in book["Lawful basis"].iter_rows(values_only=True) if row[0] == ATTENDEE]
    controller, processor = policy.dpia.sources[ATTENDEE].controller, "(ORS)"
    assert [row[3:] for row in rows] == [
        ("6", "Public task", "6(1)(e) public task", None),
        ("9", "Not applicable", "9(2)(j) research and statistics", "open"),
        ("10", "Not applicable", "DPA 2018 Schedule 1, paragraph 6", "open"),
    ]
    assert "(MOPAC)" in controller
    assert {row[1] for row in rows} == {controller}
    assert all(processor in row[2] for row in rows)


def test_the_survey_is_controlled_by_mopac_and_goes_back_to_its_processor(policy: Policy) -> None:
    for name in (ATTENDEE, CHECKIN):
        source = policy.sources[name]
        assert source.controller == policy.dpia.evaluation.data_controller
        assert "(ORS)" in source.sender
    assert policy.sources[NPS].sender == policy.sources[NPS].controller
