"""The policy's `.sql` files, conformed tables and what published tables count, on rows written by
hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_conforming, check_sql


def test_court_cases_have_an_age_in_place_of_the_date_of_birth() -> None:
    check_conforming(
        "policy/court_cases",
        """
            drop_order | file_row | person_id | date_of_birth | disposal_date | offence_code | court
            1          | 4        | p2        | 2000-02-29    | 2018-02-28    | 00826        | Thames
            1          | 3        | p1        | 2002-01-13    | 2020-01-13    | 00826        |
            1          | 2        | p1        | 2002-01-14    | 2020-01-13    | 00811        | Thames
            2          | 2        | p1        | 1960-12-31    | 2019-12-31    | 00826        | Croydon
        """,
        """
            drop_order | file_row | person_id | age_at_disposal | disposal_date | offence_code | court
            2          | 2        | p1        | 59              | 2019-12-31    | 00826        | Croydon
            1          | 2        | p1        | 17              | 2020-01-13    | 00811        | Thames
            1          | 3        | p1        | 18              | 2020-01-13    | 00826        |
            1          | 4        | p2        | 17              | 2018-02-28    | 00826        | Thames
        """,
    )


def test_programme_cases_are_assigned_or_not_and_say_whether_the_latest_workbook_has_them() -> None:
    check_conforming(
        "policy/programme_cases",
        """
            identity_number | person_id | sentence_date | assigned | one_to_one | in_latest_drop
            1               | p2        | 2020-01-01    | Yes      | Yes        | true
            2               | p1        | 2020-02-01    | No       |            | false
            3               | p1        | 2020-01-01    | Yes      | No         | true
        """,
        """
            person_id | sentence_date | assigned | one_to_one | not_in_latest
            p1        | 2020-01-01    | true     | false      | false
            p1        | 2020-02-01    | false    | false      | true
            p2        | 2020-01-01    | true     | true       | false
        """,
    )


def test_responses_keep_missing_codes_and_have_a_number_for_the_id_of_the_portal() -> None:
    check_conforming(
        "policy/attendee_responses",
        """
            drop_order | file_row | identity_number | person_id | wave | status | a1 | m1 | in_latest_drop
            2          | 5        | 2               | p1        | 3    | 3      |    | 4  | true
            1          | 2        | 1               | p2        | 1    | 1      | 97 |    | false
        """,
        """
            drop_order | file_row | response_number | person_id | wave | status | a1 | m1 | not_in_latest
            1          | 2        | 1               | p2        | 1    | 1      | 97 |    | true
            2          | 5        | 2               | p1        | 3    | 3      |    | 4  | false
        """,
    )


def test_checkins_say_whether_somebody_attended() -> None:
    check_conforming(
        "policy/facilitator_checkins",
        """
            identity_number | person_id | session | session_date | attended | engagement | delivery
            1               | p1        | 2       | 2020-02-08   | No       |            | Group
            2               | p1        | 1       | 2020-02-02   | Yes      | 5          |
            3               | p1        | 1       | 2020-02-01   | Yes      | 1          | Group
        """,
        """
            person_id | session | session_date | attended | engagement | delivery
            p1        | 1       | 2020-02-01   | true     | 1          | Group
            p1        | 1       | 2020-02-02   | true     | 5          |
            p1        | 2       | 2020-02-08   | false    |            | Group
        """,
    )


def test_training_forms_are_in_the_order_of_their_names() -> None:
    check_conforming(
        "policy/training_forms",
        """
            identity_number | drop_order | file_row | form | role        | aims_clear | pace
            1               | 1          | 2        | F2   | Facilitator | 5          |
            2               | 1          | 3        | F1   |             |            | 1
        """,
        """
            drop_order | file_row | form | role        | aims_clear | pace
            1          | 3        | F1   |             |            | 1
            1          | 2        | F2   | Facilitator | 5          |
        """,
    )


def test_case_studies_are_in_the_order_of_their_references() -> None:
    check_conforming(
        "policy/case_studies",
        """
            identity_number | drop_order | file_row | reference | respondent | theme
            1               | 1          | 2        | CS2       | Attendee   | Engagement
            2               | 1          | 3        | CS1       |            |
        """,
        """
            drop_order | file_row | reference | respondent | theme
            1          | 3        | CS1       |            |
            1          | 2        | CS2       | Attendee   | Engagement
        """,
    )


def test_the_latest_search_of_a_person_replaces_all_before_it() -> None:
    check_conforming(
        "policy/police_events",
        """
            drop_order | file_row | person_id | event_date | event         | in_latest_drop
            1          | 2        | p1        | 2020-03-01 | Arrest        | false
            1          | 3        | p2        | 2020-03-01 | Arrest        | false
            2          | 2        | p1        | 2020-04-01 | Sentencing    | true
            2          | 3        | p1        | 2020-02-01 | Arrest        | true
            2          | 4        | p3        |            | Nothing found | true
        """,
        """
            drop_order | file_row | person_id | event_date | event         | not_in_latest
            2          | 3        | p1        | 2020-02-01 | Arrest        | false
            2          | 2        | p1        | 2020-04-01 | Sentencing    | false
            1          | 3        | p2        | 2020-03-01 | Arrest        | true
            2          | 4        | p3        |            | Nothing found | false
        """,
    )


def test_somebody_has_a_row_for_each_stage_reached() -> None:
    check_sql(
        "policy/cohort_stages",
        {
            "funnel_stages": """
                stage_number:INTEGER | stage
                1                    | sentenced
                2                    | eligible
                3                    | with RAR
            """,
            "research.linked_cohort": """
                person_id | stage_number | borough | reason_one_to_one | days_to_start
                p1        | 1            | Lambeth | Not recorded      |
                p2        | 3            |         | A                 | -3
            """,
        },
        """
            stage     | person_id | borough | reason       | days_to_start
            sentenced | p1        | Lambeth | Not recorded |
            sentenced | p2        |         | A            | -3
            eligible  | p2        |         | A            | -3
            with RAR  | p2        |         | A            | -3
        """,
    )


def test_those_not_assigned_are_those_of_whom_crc_decided_so() -> None:
    check_sql(
        "policy/not_assigned",
        {
            "research.linked_cohort": """
                person_id | borough | crc_decision       | reason_not_assigned
                p1        | Lambeth | not assigned       | 03
                p2        |         | not assigned       | Not recorded
                p3        | Lambeth | assigned           | 03
                p4        | Lambeth | not on spreadsheet | Not recorded
            """
        },
        """
            person_id | borough | reason
            p1        | Lambeth | 03
            p2        |         | Not recorded
        """,
    )


def test_sessions_are_expected_up_to_the_furthest_and_missed_in_a_row() -> None:
    check_sql(
        "policy/attendance",
        {
            "programme_sessions": """
                session:BIGINT
                1
                2
                3
                4
                5
            """,
            "research.linked_cohort": """
                person_id  | start_date | delivery   | sessions_attended
                by CRC     | 2020-02-01 | Group      | 2
                by visits  | 2020-02-01 | One-to-one | 0
                none       | 2020-02-01 | Group      | 0
                not begun  |            | Group      | 5
                two runs   | 2020-02-01 | Group      | 0
            """,
            "research.facilitator_checkins": """
                person_id  | session | attended | engagement
                by visits  | 1       | false    | 5
                by visits  | 1       | true     | 2
                by visits  | 1       | true     | 4
                by visits  | 4       | false    |
                by CRC     | 1       | true     |
                by CRC     | 2       | true     | 3
                two runs   | 2       | true     | 1
                two runs   | 5       | true     | 1
                not begun  | 1       | true     | 5
                stranger   | 1       | true     | 5
            """,
        },
        """
            person_id | session | delivery   | expected | attended | engagement | missed_in_a_row
            by CRC    | 1       | Group      | 1        | 1        |            | none
            by CRC    | 2       | Group      | 1        | 1        | 3          | none
            by CRC    | 3       | Group      | 0        | 0        |            | none
            by CRC    | 4       | Group      | 0        | 0        |            | none
            by CRC    | 5       | Group      | 0        | 0        |            | none
            by visits | 1       | One-to-one | 1        | 1        | 4          | 3 or more
            by visits | 2       | One-to-one | 1        | 0        |            | 3 or more
            by visits | 3       | One-to-one | 1        | 0        |            | 3 or more
            by visits | 4       | One-to-one | 1        | 0        |            | 3 or more
            by visits | 5       | One-to-one | 0        | 0        |            | 3 or more
            none      | 1       | Group      | 0        | 0        |            | none
            none      | 2       | Group      | 0        | 0        |            | none
            none      | 3       | Group      | 0        | 0        |            | none
            none      | 4       | Group      | 0        | 0        |            | none
            none      | 5       | Group      | 0        | 0        |            | none
            two runs  | 1       | Group      | 1        | 0        |            | 2
            two runs  | 2       | Group      | 1        | 1        | 1          | 2
            two runs  | 3       | Group      | 1        | 0        |            | 2
            two runs  | 4       | Group      | 1        | 0        |            | 2
            two runs  | 5       | Group      | 1        | 1        | 1          | 2
        """,
    )


def test_checkins_of_a_session_count_once_against_crc() -> None:
    check_sql(
        "policy/checkins_against_crc",
        {
            "research.linked_cohort": """
                person_id | start_date | delivery   | sessions_attended
                alike     | 2020-02-01 | Group      | 2
                more      | 2020-02-01 | Group      | 1
                fewer     | 2020-02-01 | One-to-one | 3
                nothing   | 2020-02-01 | Group      | 0
                unseen    | 2020-02-01 | Group      | 1
                not begun |            | Group      | 1
            """,
            "research.facilitator_checkins": """
                person_id | session | attended
                alike     | 1       | true
                alike     | 1       | true
                alike     | 2       | true
                alike     | 3       | false
                more      | 1       | true
                more      | 2       | true
                fewer     | 1       | true
                stranger  | 1       | true
            """,
        },
        """
            person_id | delivery   | agrees | checkins
            alike     | Group      | true   | as many
            fewer     | One-to-one | false  | more or fewer
            more      | Group      | false  | more or fewer
            nothing   | Group      | true   | as many
            unseen    | Group      | false  | more or fewer
        """,
    )


def test_each_row_of_a_source_is_counted_by_month_and_by_whether_it_links() -> None:
    check_sql(
        "policy/linkage",
        {
            "research.row_links": """
                source                  | person_id | month   | link_result
                crc_eligibility         | in        | 2019-12 | linked
                crc_eligibility         | not       | 2019-12 | linked and not eligible
                ors_attendee_survey     | off       | 2020-01 | linked and not on spreadsheet
                ors_facilitator_checkin | stranger  | never   | not linked
                ors_facilitator_checkin | stranger  | 2020-01 | not linked
            """,
        },
        """
            source                  | month   | link_result                   | unlinked
            crc_eligibility         | 2019-12 | linked                        | 0
            crc_eligibility         | 2019-12 | linked and not eligible       | 0
            ors_attendee_survey     | 2020-01 | linked and not on spreadsheet | 0
            ors_facilitator_checkin | 2020-01 | not linked                    | 1
            ors_facilitator_checkin | never   | not linked                    | 1
        """,
    )


def test_every_response_counts_whatever_its_status() -> None:
    check_sql(
        "policy/survey_responses",
        {
            "research.attendee_responses": """
                person_id | wave | status
                p1        | 1    | 1
                p1        | 1    | 3
                p2        | 3    | 2
            """
        },
        """
            person_id | wave | status
            p1        | 1    | 1
            p1        | 1    | 3
            p2        | 3    | 2
        """,
    )


ANSWERS = """
    person_id | question | answer
    ticks     | S2_1     | 1
    ticks     | S2_2     | 0
    ticks     | S2_98    | 0
    silent    | S2_1     | 1
    silent    | S2_2     | 0
    silent    | S2_98    | 1
    no option | S2_1     | 0
    others    | M1       | 4
"""


def test_whoever_prefers_not_to_say_is_in_the_base_of_no_reason() -> None:
    check_sql(
        "policy/knife_reasons",
        {
            "research.survey_answers": ANSWERS,
            "knife_reasons": """
                question | in_base:BOOLEAN
                S2_1     | true
                S2_2     | true
                S2_98    | false
            """,
        },
        """
            person_id | reason | ticked
            no option | S2_1   | 0
            silent    | S2_98  | 1
            ticks     | S2_1   | 1
            ticks     | S2_2   | 0
            ticks     | S2_98  | 0
        """,
    )


def test_experience_is_what_was_answered_of_its_questions() -> None:
    check_sql(
        "policy/experience",
        {"research.survey_answers": ANSWERS, "experience_questions": "question\nM1\nX1"},
        """
            person_id | question | answer
            others    | M1       | 4
        """,
    )


def test_training_is_counted_by_the_ratings_that_were_given() -> None:
    check_sql(
        "policy/training",
        {
            "research.training_forms": """
                form | role | aims_clear | pace
                F1   | 5    | 5          |
                F2   |      | 1          | 3
                F3   |      |            |
            """,
            "training_questions": "question\naims_clear\npace\noverall",
        },
        """
            question   | answer
            aims_clear | 1
            aims_clear | 5
            pace       | 3
        """,
    )
