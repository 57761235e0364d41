"""Links between the responses to the survey and those who answered: who left a question blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.policy import Policy, PolicyLink
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.attitude_tables import leaks

RESPONSES = {"1": (45, 0, 8), "2": (20, 0, 7), "3": (9, 0, 8)}
"""Complete, screened out and partial responses by wave: 53, 27 and 17 that count."""
ANSWERED = {"M1": (9, 9, 8, 0), "X1": (5, 5, 5, 0, 0), "X2": (5, 5, 5, 0, 0)}
TICKED = {"S2_1": (51, 21), "S2_2": (51, 12)}


def links_of_blanks(policy: Policy) -> list[PolicyLink]:
    """Those that say of complete and partial responses without an answer that they are people's."""
    return [
        link
        for link in policy.tables.links
        if link.is_count and [term.table for term in link.terms[:2]] == ["survey_response"] * 2
    ]


def frames(answered: Mapping[str, Sequence[int]] = ANSWERED) -> dict[str, pd.DataFrame]:
    """The tables of the survey behind no gate."""
    codes = [str(code) for code in shipped_policy().labels_of("codes:survey_status")]
    said = [
        (wave, code, n)
        for wave, own in RESPONSES.items()
        for code, n in zip(codes, own, strict=True)
    ]
    said += [("Total", code, sum(n for _, c, n in said if c == code)) for code in codes]
    waves = [*RESPONSES, "Total"]
    said += [(wave, "Total", sum(n for w, _, n in said if w == wave)) for wave in waves]
    answers = [(q, str(k), n) for q, own in answered.items() for k, n in enumerate(own, 1)]
    answers += [(q, "Total", sum(own)) for q, own in answered.items()]
    reasons = [(reason, *counts) for reason, counts in TICKED.items()]
    return {
        "survey_response": pd.DataFrame(said, columns=["wave", "status", "n"]),
        "experience": pd.DataFrame(answers, columns=["question", "answer", "n"]),
        "knife_reasons": pd.DataFrame(reasons, columns=["reason", "n_answered", "n"]),
    }


def test_how_few_left_a_question_blank_does_not_follow_from_two_tables() -> None:
    policy, tables = shipped_policy(), frames()
    made = protect_tables(policy, tables)
    assert set(made.summary["verdict"]) == {PROVEN}
    assert leaks(made, tables) == []
    blanks = links_of_blanks(policy)
    others = [link for link in policy.tables.links if link not in blanks]
    less = replace(policy, tables=policy.tables.model_copy(update={"links": others}))
    assert leaks(protect_tables(less, tables), tables) != []


def test_all_who_answer_anything_are_held_against_the_responses_of_its_wave() -> None:
    policy = shipped_policy()
    blanks = links_of_blanks(policy)
    questions = [
        q
        for link in blanks
        if link.terms[2].table == "experience"
        for listed in link.over.values()
        for q in policy.labels_of(listed)
    ]
    assert sorted(questions) == sorted(policy.labels_of("experience_questions"))
    each = {(link.terms[2].table, *link.each) for link in blanks if link.each}
    assert each == {("knife_reasons", "reason"), ("attitude_change", "scale")}
    compared = {
        (link.terms[0].where["wave"], link.terms[2].where["comparison"], link.terms[2].count)
        for link in blanks
        if link.terms[2].table == "attitude_change"
    }
    assert compared == {
        ("1", "start-end", "n_start"),
        ("2", "middle-end", "n_start"),
        ("3", "start-end", "n_paired"),
        ("3", "middle-end", "n_paired"),
    }


def test_nothing_is_said_of_who_completed_without_the_last_session() -> None:
    """Somebody may: then fewer should have reached it than completed, and no run ends."""
    sessions = pd.DataFrame(
        [("12", "Group", 30, 28), ("12", "One-to-one", 12, 12), ("12", "Total", 42, 40)],
        columns=["session", "delivery", "n_expected", "n_attended"],
    ).assign(mean_engagement=3.5, mean_engagement_base=28)
    outcomes = pd.DataFrame(
        [("Group", 31), ("One-to-one", 12), ("Total", 43)], columns=["delivery", "n"]
    ).assign(outcome="Completed")
    everybody = outcomes.assign(outcome="Total")
    made = protect_tables(
        shipped_policy(),
        {
            "attendance_by_session": sessions,
            "attrition": pd.concat([outcomes, everybody], ignore_index=True),
        },
    )
    assert set(made.summary["verdict"]) == {PROVEN}
