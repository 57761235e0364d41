"""The `.sql` files of performance monitoring on rows written by hand."""

from __future__ import annotations

from datetime import date

from safer_streets_assets_tests.sql_rows import check_sql

GOES_ON = {"goes_on": ["In progress"]}
ENDS = {**GOES_ON, "programme_sessions": 12, "started": 5}
FACTORS = {**GOES_ON, "participants": 3, "assigned": 4, "started": 5}
FUNNEL = """
    stage_number:INTEGER | stage
    4                    | assigned
    5                    | started
    6                    | midpoint
    7                    | completed
"""
TIMES = {
    **GOES_ON,
    "stages": ["started", "midpoint", "completed"],
    "assigned": 4,
    "midpoint_sessions": 2,
    "last_day": date(2020, 3, 1),
}
NO_VISITS = "person_id | session | session_date | attended"


def test_who_started_has_left_or_goes_on_at_the_session_after_those_attended() -> None:
    check_sql(
        "policy/monitoring/programme_ends",
        {
            "research.linked_cohort": """
                person_id   | stage_number | sessions_attended | outcome
                assigned    | 4            | 3                 | Breached
                at once     | 5            | 0                 | Withdrawn
                beyond      | 6            | 13                | Breached
                eleven      | 6            | 11                | Breached
                going on    | 5            | 2                 | In progress
                hardly      | 5            | 1                 | Completed
                moved       | 5            | 4                 | A word of nobody's
                through     | 7            | 12                | Completed
                to the last | 6            | 12                | In progress
                unsaid      | 5            | 0                 | Not recorded
            """
        },
        """
            person_id   | result    | session
            at once     | left      | 1
            beyond      | left      | 12
            eleven      | left      | 12
            going on    | goes on   | 3
            hardly      | completed | 12
            moved       | left      | 5
            through     | completed | 12
            to the last | goes on   | 12
            unsaid      | goes on   | 1
        """,
        parameters=ENDS,
        in_order=True,
    )


def test_where_nobody_started_no_programme_ends() -> None:
    check_sql(
        "policy/monitoring/programme_ends",
        {"research.linked_cohort": "person_id | stage_number\np1 | 4"},
        "person_id | result | session",
        parameters=ENDS,
    )


def test_start_scores_are_of_those_whose_programme_has_ended() -> None:
    check_sql(
        "monitoring/completers_at_start",
        {
            "research.programme_ends": """
                person_id | result    | session
                done      | completed | 12
                gone      | left      | 3
                still     | goes on   | 3
            """,
            "research.attitude_scores": """
                person_id | wave | scale    | score | row_order
                gone      | 1    | knives   | 2     | 3
                done      | 1    | knives   | 4.5   | 2
                done      | 1    | programm | 1     | 1
                done      | 2    | knives   | 5     | 4
                gone      | 1    | programm |       | 5
                still     | 1    | knives   | 3     | 6
                stranger  | 1    | knives   | 3     | 7
            """,
        },
        """
            scale    | score | result
            programm | 1.0   | completed
            knives   | 4.5   | completed
            knives   | 2.0   | left
        """,
        in_order=True,
    )


def test_each_model_has_the_people_whom_it_may_happen_to() -> None:
    check_sql(
        "policy/monitoring/factors",
        {
            "research.linked_cohort": """
                age_band | stage_number | outcome      | gender | borough | offence | court  | delivery
                18-24    | 2            | Completed    | Male   | Lambeth | 00826   | Thames | Group
                25-34    | 3            | Not recorded | Male   | Lambeth | 00826   | Thames | Not assigned
                35-44    | 4            | Breached     | Female |         | 00826   |        | Group
                45+      | 7            | Completed    | Male   | Brent   | 00827   | Thames | One-to-one
                over     | 5            | In progress  | Male   | Brent   | 00827   | Thames | Group
                past     | 5            | Withdrawn    |        | Brent   | 00827   | Thames | Group
                quite    | 4            | Not recorded | Male   | Brent   | 00827   | Thames | Group
            """
        },
        """
            model        | happened | age_band | gender | borough      | offence | court        | delivery
            attrition    | false    | 45+      | Male   | Brent        | 00827   | Thames       | One-to-one
            attrition    | true     | past     |        | Brent        | 00827   | Thames       | Group
            completion   | false    | 35-44    | Female | Not recorded | 00826   | Not recorded | Group
            completion   | false    | past     |        | Brent        | 00827   | Thames       | Group
            completion   | true     | 45+      | Male   | Brent        | 00827   | Thames       | One-to-one
            not assigned | false    | 35-44    | Female | Not recorded | 00826   | Not recorded |
            not assigned | false    | 45+      | Male   | Brent        | 00827   | Thames       |
            not assigned | false    | over     | Male   | Brent        | 00827   | Thames       |
            not assigned | false    | past     |        | Brent        | 00827   | Thames       |
            not assigned | false    | quite    | Male   | Brent        | 00827   | Thames       |
            not assigned | true     | 25-34    | Male   | Lambeth      | 00826   | Thames       |
        """,
        parameters=FACTORS,
        in_order=True,
    )


def test_people_who_are_alike_are_as_many_rows() -> None:
    check_sql(
        "policy/monitoring/factors",
        {
            "research.linked_cohort": """
                person_id | stage_number | outcome      | gender
                p1        | 3            | Not recorded | Male
                p2        | 3            | Not recorded | Male
            """
        },
        """
            model        | happened | gender | delivery
            not assigned | true     | Male   |
            not assigned | true     | Male   |
        """,
        parameters=FACTORS,
    )


def test_a_stage_is_reached_on_its_day_and_who_has_not_reached_it_is_followed() -> None:
    check_sql(
        "policy/monitoring/days_to_stage",
        {
            "funnel_stages": FUNNEL,
            "research.facilitator_checkins": """
                person_id | session | session_date | attended
                through   | 1       | 2020-01-05   | true
                through   | 1       | 2020-01-06   | true
                through   | 2       | 2020-01-07   | false
                through   | 2       |              | true
                through   | 3       | 2020-01-08   | true
                through   | 4       | 2020-01-09   | true
                through   | 5       | 2020-01-10   | true
                stranger  | 1       | 2020-01-02   | true
            """,
            "research.linked_cohort": """
                person_id | stage_number | disposal_date | start_date | outcome      | outcome_date
                rar       | 3            | 2020-01-01    | 2020-01-02 | Not recorded |
                through   | 7            | 2020-01-01    | 2020-01-04 | Completed    | 2020-01-21
            """,
        },
        """
            stage     | is_at_stage | reached | days
            completed | true        | true    | 20
            midpoint  | true        | true    | 7
            started   | true        | true    | 3
        """,
        parameters=TIMES,
        in_order=True,
    )


def test_sessions_of_one_day_count_each_and_a_day_before_the_disposal_is_day_0() -> None:
    check_sql(
        "policy/monitoring/days_to_stage",
        {
            "funnel_stages": FUNNEL,
            "research.facilitator_checkins": """
                person_id | session | session_date | attended
                early     | 1       | 2020-01-08   | true
                early     | 2       | 2020-01-08   | true
            """,
            "research.linked_cohort": """
                person_id | stage_number | disposal_date | start_date | outcome     | outcome_date
                early     | 6            | 2020-01-05    | 2019-12-31 | In progress |
            """,
        },
        """
            stage     | is_at_stage | reached | days
            completed | false       | false   | 56
            midpoint  | true        | true    | 3
            started   | true        | true    | 0
        """,
        parameters=TIMES,
        in_order=True,
    )


def test_who_is_not_at_a_stage_is_followed_to_the_end_of_their_programme_or_of_the_data() -> None:
    for outcome, ended, last_day, days in (
        ("In progress", "", TIMES["last_day"], 60),
        ("In progress", "2020-01-02", TIMES["last_day"], 60),
        ("Not recorded", "", TIMES["last_day"], 60),
        ("Not recorded", "", date(2019, 12, 1), 0),
        ("Not recorded", "", None, 0),
        ("Did not start", "2020-01-11", TIMES["last_day"], 10),
        ("Did not start", "2019-12-11", TIMES["last_day"], 0),
        ("Did not start", "", TIMES["last_day"], 0),
    ):
        check_sql(
            "policy/monitoring/days_to_stage",
            {
                "funnel_stages": FUNNEL,
                "research.facilitator_checkins": NO_VISITS,
                "research.linked_cohort": f"""
                    person_id | stage_number | disposal_date | outcome   | outcome_date
                    p1        | 4            | 2020-01-01    | {outcome} | {ended}
                """,
            },
            f"""
                stage   | is_at_stage | reached | days
                started | false       | false   | {days}
            """,
            parameters={**TIMES, "stages": ["started"], "last_day": last_day},
        )


def test_who_goes_on_after_the_newest_spreadsheet_is_followed_to_the_day_that_shows_them() -> None:
    for last_day in (date(2020, 1, 3), None):
        check_sql(
            "policy/monitoring/days_to_stage",
            {
                "funnel_stages": FUNNEL,
                "research.facilitator_checkins": """
                    person_id | session | session_date | attended
                    p1        | 1       | 2020-01-05   | true
                    p1        | 2       | 2020-01-09   | false
                """,
                "research.linked_cohort": """
                    person_id | stage_number | disposal_date | start_date | outcome
                    p1        | 5            | 2020-01-01    | 2020-01-04 | In progress
                """,
            },
            """
                stage     | is_at_stage | reached | days
                completed | false       | false   | 4
            """,
            parameters={**TIMES, "stages": ["completed"], "last_day": last_day},
        )


def test_who_reached_a_stage_on_no_known_day_is_followed_to_the_last_day_that_shows_them() -> None:
    check_sql(
        "policy/monitoring/days_to_stage",
        {
            "funnel_stages": FUNNEL,
            "research.facilitator_checkins": """
                person_id | session | session_date | attended
                by CRC    | 1       | 2020-01-09   | true
            """,
            "research.linked_cohort": """
                person_id | stage_number | disposal_date | start_date | outcome   | outcome_date
                by CRC    | 7            | 2020-01-01    | 2020-01-04 | Completed |
            """,
        },
        """
            stage     | is_at_stage | reached | days
            completed | true        | false   | 8
            midpoint  | true        | false   | 8
            started   | true        | true    | 3
        """,
        parameters=TIMES,
        in_order=True,
    )


def test_of_nobody_no_day_is_counted() -> None:
    check_sql(
        "policy/monitoring/days_to_stage",
        {
            "funnel_stages": FUNNEL,
            "research.facilitator_checkins": NO_VISITS,
            "research.linked_cohort": "person_id",
        },
        "stage | is_at_stage | reached | days",
        parameters=TIMES,
    )
