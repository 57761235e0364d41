"""The tables of the plain stack: what is counted of the frames, in SQL of DuckDB.

Groupings are those of the tables of the same names in `policy/tables.yaml`. A table that is too
fine stays so: nothing is coarsened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TOTAL = "Total"
WITHOUT_TOTAL = {
    "stage", "session", "session_block", "source", "rule", "question", "scale", "comparison",
    "gate", "characteristic", "wave_scored", "knife_reason",
}  # fmt: skip
"""Dimensions over which a sum means nothing, so that no row of one is printed."""
GROUPS = ("gender", "age_band", "delivery")


@dataclass(frozen=True)
class Table:
    """A table: SQL that gives one row a unit, the dimensions, counts and figures of it.

    A count is the number of rows for which its SQL condition holds. Figures are aggregates in
    SQL and the columns of the frame `beside`, which has one row a cell; both are printed
    where every count of the cell is printed and large enough.
    """

    rows: str
    dimensions: tuple[str, ...]
    counts: Mapping[str, str] = field(default_factory=lambda: {"n": "true"})
    figures: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""


def _unpivoted(columns: tuple[str, ...], kept: str, frame: str, names: str, value: str) -> str:
    """One row a row and column of a frame: SQL."""
    parts = [
        f"SELECT {kept}, '{one}' AS {names}, {one}::VARCHAR AS {value} FROM {frame}"
        for one in columns
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE {value} IS NOT NULL"


ATTENDANCE = """
CREATE VIEW attendance AS
WITH visits AS (
    SELECT person, session, max(engagement) AS engagement FROM checkins GROUP BY person, session
),
furthest AS (
    SELECT
        person, delivery, greatest(max(sessions_attended), coalesce(max(session), 0)) AS furthest
    FROM cohort LEFT JOIN visits USING (person)
    WHERE stage_number >= 5
    GROUP BY person, delivery
),
sessions AS (
    SELECT
        f.person, f.delivery, s.session, f.furthest >= s.session AS expected,
        v.person IS NOT NULL AS attended, v.engagement
    FROM furthest f CROSS JOIN (SELECT unnest(range(1, 13)) AS session) s
    LEFT JOIN visits v ON v.person = f.person AND v.session = s.session
),
runs AS (
    SELECT person, count(*) AS missed
    FROM (
        SELECT person, session - row_number() OVER (PARTITION BY person ORDER BY session) AS run
        FROM sessions WHERE expected AND NOT attended
    )
    GROUP BY person, run
),
longest AS (SELECT person, max(missed) AS missed FROM runs GROUP BY person)
SELECT
    sessions.*,
    CASE
        WHEN missed IS NULL THEN 'none' WHEN missed >= 3 THEN '3 or more' ELSE missed::VARCHAR
    END AS missed_in_a_row
FROM sessions LEFT JOIN longest USING (person)
"""
"""One row a person who started and session: expected and attended, and the longest run missed."""
_STAGES = "SELECT c.*, s.stage FROM cohort c JOIN stages s ON c.stage_number >= s.number"
_STARTED = "SELECT * FROM cohort WHERE stage_number >= 5"
_CASE_CHARACTERISTICS = ("gender", "age_band", "borough", "offence", "delivery")
_CHANGE = {
    "n_start": "first_score IS NOT NULL",
    "n_paired": "change IS NOT NULL",
}

TABLES: dict[str, Table] = {
    "funnel": Table(_STAGES, ("stage",)),
    "funnel_by_month": Table(_STAGES, ("month", "stage")),
    "funnel_by_borough": Table(_STAGES, ("borough", "stage")),
    "funnel_by_demographics": Table(_STAGES, ("gender", "age_band", "stage")),
    "funnel_by_offence": Table(_STAGES, ("offence", "stage")),
    "sentence_by_court": Table("FROM cohort", ("court", "sentence")),
    "non_assignment": Table(
        "SELECT *, reason_not_assigned AS reason FROM cohort WHERE stage_number = 3",
        ("borough", "reason"),
    ),
    "one_to_one": Table(
        "SELECT *, reason_one_to_one AS reason FROM cohort "
        "WHERE stage_number >= 4 AND delivery = 'One-to-one'",
        ("borough", "reason"),
    ),
    "attrition": Table(_STARTED, ("delivery", "outcome")),
    "attendance_by_session": Table(
        "FROM attendance",
        ("session", "delivery"),
        {"n_expected": "expected", "n_attended": "attended"},
        {"mean_engagement": "avg(engagement)"},
    ),
    "missed_in_a_row": Table(
        "SELECT * FROM attendance WHERE session = 1 AND expected", ("missed_in_a_row", "delivery")
    ),
    "checkins_against_crc": Table(
        "SELECT delivery, if(sessions_attended = coalesce(visits, 0), 'as many', 'more or fewer') "
        f"AS checkins FROM ({_STARTED}) LEFT JOIN (SELECT person, count(DISTINCT session) "
        "AS visits FROM checkins GROUP BY person) USING (person)",
        ("checkins", "delivery"),
    ),
    "time_to_start": Table(
        _STARTED,
        ("borough",),
        figures={
            "median_days": "median(days_to_start)",
            "lower_quartile_days": "quantile_cont(days_to_start, 0.25)",
            "upper_quartile_days": "quantile_cont(days_to_start, 0.75)",
        },
    ),
    "time_to_stage": Table(
        "SELECT s.stage, c.stage_number >= s.number AS reached, CASE s.stage WHEN 'started' "
        "THEN start_date - disposal_date ELSE outcome_date - disposal_date END AS days "
        "FROM cohort c JOIN stages s ON s.stage IN ('started', 'completed') "
        "WHERE c.stage_number >= 4",
        ("stage",),
        {"n": "true", "n_reached": "reached"},
        {"median_days": "median(date_part('day', days)) FILTER (reached)"},
    ),
    "dropout_by_block": Table(
        "SELECT b.block AS session_block, least(sessions_attended + 1, 12) <= 4 * b.number AS here,"
        " outcome FROM cohort JOIN (VALUES (1, '1 to 4'), (2, '5 to 8'), (3, '9 to 12')) "
        "b (number, block) ON least(sessions_attended + 1, 12) > 4 * (b.number - 1) "
        "WHERE stage_number >= 5",
        ("session_block",),
        {
            "n_at_risk": "true",
            "n_left": "here AND outcome NOT IN ('Completed', 'In progress', 'Not recorded')",
            "n_going_on": "here AND outcome IN ('In progress', 'Not recorded')",
        },
    ),
    "eligibility_agreement": Table("FROM cohort", ("derived", "crc_decision")),
    "linkage_quality": Table("FROM links", ("source", "link_result")),
    "linkage_by_month": Table(
        "FROM links", ("source", "month"), {"n": "true", "n_unlinked": "link_result = 'not linked'"}
    ),
    "linkage_bias": Table(
        _unpivoted(
            _CASE_CHARACTERISTICS,
            "linked",
            "(SELECT p.crc_gender AS gender, p.crc_age_band AS age_band, p.crc_borough AS borough, "
            "p.crc_offence AS offence, p.delivery, c.person IS NOT NULL AS linked "
            "FROM programme_cases p LEFT JOIN cohort c USING (person))",
            "characteristic",
            "category",
        ),
        ("characteristic", "category"),
        {"n": "true", "n_unlinked": "NOT linked"},
    ),
    "source_conflicts": Table(
        "SELECT 'gender' AS characteristic, gender <> crc_gender AS differs FROM cohort "
        "WHERE crc_gender IS NOT NULL UNION ALL SELECT 'borough', borough <> crc_borough "
        "FROM cohort WHERE crc_borough IS NOT NULL UNION ALL "
        "SELECT 'date of sentence', disposal_date <> sentence_date FROM cohort "
        "WHERE sentence_date IS NOT NULL UNION ALL SELECT 'offence', offence <> crc_offence "
        "FROM cohort WHERE crc_offence IS NOT NULL",
        ("characteristic",),
        {"n": "true", "n_differ": "differs"},
    ),
    "crn_quality": Table(
        "SELECT source, 'unknown' AS finding FROM links WHERE link_result = 'not linked'",
        ("source", "finding"),
    ),
    "duplicates": Table(
        "SELECT 'further case of a person' AS rule, row_number() OVER (PARTITION BY person) > 1 "
        "AS repeated FROM programme_cases UNION ALL "
        "SELECT 'further response of a person at a wave', "
        "row_number() OVER (PARTITION BY person, wave) > 1 FROM responses UNION ALL "
        "SELECT 'further check-in of a person at a session', "
        "row_number() OVER (PARTITION BY person, session) > 1 FROM checkins",
        ("rule",),
        {"n": "true", "n_repeated": "repeated"},
    ),
    "survey_response": Table(
        "SELECT wave, status FROM responses JOIN cohort USING (person) WHERE stage_number >= 3",
        ("wave", "status"),
    ),
    "experience": Table(
        _unpivoted(("M1", "X1", "X2", "X3", "X4"), "person", "answers", "question", "answer"),
        ("question", "answer"),
    ),
    "knife_reasons": Table(
        _unpivoted(
            tuple(f"S2_{n}" for n in (1, 2, 3, 4, 5, 6, 98)),
            "person",
            "answers",
            "knife_reason",
            "ticked",
        ),
        ("knife_reason",),
        {"n_answered": "true", "n": "ticked::INTEGER = 1"},
        {"percent": "100 * avg(ticked::INTEGER)"},
    ),
    "training_feedback": Table(
        _unpivoted(
            ("aims_clear", "confident_to_deliver", "materials", "pace", "overall"),
            "role",
            "forms",
            "question",
            "answer",
        ),
        ("question", "answer"),
    ),
    "case_study_themes": Table("FROM case_studies", ("theme",)),
    "attitude_movement": Table(
        "SELECT *, CASE sign(change) WHEN 1 THEN 'rose' WHEN -1 THEN 'fell' ELSE 'stayed' END "
        "AS movement FROM changes WHERE change IS NOT NULL",
        ("scale", "comparison", "movement"),
    ),
    "reliable_change": Table(
        "SELECT *, CASE WHEN change >= threshold THEN 'reliable improvement' WHEN change <= "
        "-threshold THEN 'reliable deterioration' ELSE 'no reliable change' END AS class "
        "FROM changes JOIN reliability USING (scale) "
        "WHERE comparison = 'start-end' AND wave = 1 AND change IS NOT NULL",
        ("scale", "class"),
    ),
    "reliable_change_threshold": Table(
        "SELECT * FROM reliability, range(complete) WHERE wave = 1",
        ("scale",),
        {"n_complete": "true"},
        {"alpha": "any_value(alpha)", "threshold": "any_value(threshold)"},
    ),
    "attitude_reliability": Table(
        "SELECT *, wave AS wave_scored FROM reliability, range(complete)",
        ("scale", "wave_scored"),
        {"n_complete": "true"},
        {"alpha": "any_value(alpha)"},
    ),
    "attitude_attrition": Table(
        " UNION ALL ".join(
            f"SELECT '{g}' AS characteristic, {g} AS category, first_score, change FROM changes "
            "WHERE comparison = 'start-end' AND scale = 'OFF' AND first_score IS NOT NULL"
            for g in (*GROUPS, "borough")
        ),
        ("characteristic", "category"),
        {"n_with_end": "change IS NOT NULL", "n_without_end": "change IS NULL"},
        {
            "mean_with_end": "avg(first_score) FILTER (change IS NOT NULL)",
            "mean_without_end": "avg(first_score) FILTER (change IS NULL)",
        },
    ),
    "stage_gates": Table(
        "SELECT 'performance_monitoring' AS gate FROM cohort UNION ALL SELECT 'process_evaluation' "
        f"FROM ({_STARTED}) UNION ALL SELECT 'impact' FROM changes WHERE comparison = 'start-end' "
        "AND scale = 'OFF' AND change IS NOT NULL UNION ALL SELECT 'reoffending' FROM cohort "
        "WHERE stage_number = 7 UNION ALL SELECT 'linkage_detail' FROM cohort",
        ("gate",),
    ),
} | {
    f"attitude_change_by_group_{group}": Table(
        f"SELECT *, {group} AS group_value FROM changes",
        ("scale", "comparison", "group_value"),
        _CHANGE,
        beside=f"(SELECT * EXCLUDE group_name FROM change_statistics WHERE group_name = '{group}')",
    )
    for group in GROUPS
}
