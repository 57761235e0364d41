"""The queries of published tables of drop-out and of links, on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_people_are_at_risk_in_each_block_that_they_came_to() -> None:
    check_sql(
        "policy/dropout_by_block",
        {
            "session_blocks": """
                session_block | first_session:BIGINT | last_session:BIGINT
                1-4           | 1                    | 4
                5-8           | 5                    | 8
            """,
            "research.programme_ends": """
                person_id | result    | session
                done      | completed | 8
                fifth     | left      | 5
                first     | left      | 1
                fourth    | left      | 4
                still     | goes on   | 4
                to go     | goes on   | 8
            """,
        },
        """
            person_id | session_block | has_left | goes_on
            done      | 1-4           | 0        | 0
            done      | 5-8           | 0        | 0
            fifth     | 1-4           | 0        | 0
            fifth     | 5-8           | 1        | 0
            first     | 1-4           | 1        | 0
            fourth    | 1-4           | 1        | 0
            still     | 1-4           | 0        | 1
            to go     | 1-4           | 0        | 0
            to go     | 5-8           | 0        | 1
        """,
    )


def test_of_nobody_who_started_no_block_is_counted() -> None:
    check_sql(
        "policy/dropout_by_block",
        {
            "session_blocks": "session_block | first_session:BIGINT | last_session:BIGINT\n1-4|1|4",
            "research.programme_ends": "person_id",
        },
        "person_id | session_block | has_left | goes_on",
    )


def test_a_row_whose_crn_does_not_link_as_sent_is_one_row_with_what_was_found() -> None:
    check_sql(
        "policy/crn_quality",
        {
            "research.row_links": """
                source          | person_id | link_result
                crc_eligibility | near      | not linked
                crc_eligibility | near      | not linked
                ors_attendee    | near      | not linked
                crc_eligibility | refused   | not linked
                crc_eligibility | stranger  | not linked
                crc_eligibility | meant     | linked
                crc_eligibility | off       | linked and not eligible
            """,
            "research.crn_findings": """
                source              | person_id | finding                                | row_count
                crc_eligibility     | near      | near miss, not decided                 | 2
                crc_eligibility     | refused   | near miss, rejected                    | 1
                crc_eligibility     | stranger  | same name and date of birth as another | 1
                crc_eligibility     | meant     | near miss, accepted                    | 2
                crc_eligibility     |           | malformed                              | 1
                crc_eligibility     |           | malformed                              | 1
                nps_court_outcomes  |           | malformed                              | 1
                a source of nobody  |           | malformed                              | 1
                ors_attendee_survey | nothing   | near miss, accepted                    | 0
            """,
        },
        """
            source             | finding
            crc_eligibility    | malformed
            crc_eligibility    | malformed
            crc_eligibility    | near miss, accepted
            crc_eligibility    | near miss, accepted
            crc_eligibility    | near miss, not decided
            crc_eligibility    | near miss, not decided
            crc_eligibility    | near miss, rejected
            crc_eligibility    | unknown
            nps_court_outcomes | malformed
            ors_attendee       | unknown
        """,
    )


def test_where_every_crn_links_no_row_is_of_poor_quality() -> None:
    check_sql(
        "policy/crn_quality",
        {
            "research.row_links": "source | person_id | link_result\ncrc_eligibility | p1 | linked",
            "research.crn_findings": "source | person_id | finding | row_count",
        },
        "source | finding",
    )


def test_the_first_of_the_same_is_no_duplicate_but_for_people_under_two_crns() -> None:
    check_sql(
        "policy/duplicates",
        {
            "research.linked_cohort": """
                person_id
                p1
                p2
                p3
            """,
            "research.crn_findings": """
                source | person_id | finding
                nps    | p1        | same name and date of birth as another
                nps    | p2        | same name and date of birth as another
                crc    | p3        | near miss, accepted
                crc    |           | malformed
            """,
            "research.programme_cases": """
                person_id | sentence_date
                p1        | 2020-01-01
                p1        | 2020-02-01
                p1        | 2020-03-01
                stranger  | 2020-01-01
            """,
            "research.attendee_responses": """
                person_id | wave | interview_start     | response_number
                p1        | 1    | 2020-01-01 10:00:00 | 1
                p1        | 1    | 2020-01-01 10:00:00 | 2
                p1        | 3    | 2020-02-01 10:00:00 | 3
                p2        | 1    |                     | 4
            """,
            "research.facilitator_checkins": """
                person_id | session | session_date
                p1        | 1       | 2020-01-01
                p1        | 1       |
                p1        | 2       | 2020-01-01
                p2        | 1       | 2020-01-01
            """,
        },
        """
            rule                                     | repeated
            person under another CRN                 | 1
            person under another CRN                 | 1
            person under another CRN                 | 0
            further case of a person                 | 0
            further case of a person                 | 1
            further case of a person                 | 1
            further case of a person                 | 0
            further response of a person at a wave   | 0
            further response of a person at a wave   | 1
            further response of a person at a wave   | 0
            further response of a person at a wave   | 0
            further check-in of a person at a session | 0
            further check-in of a person at a session | 1
            further check-in of a person at a session | 0
            further check-in of a person at a session | 0
        """,
    )


def test_without_a_row_nothing_is_repeated() -> None:
    check_sql(
        "policy/duplicates",
        {
            "research.linked_cohort": "person_id",
            "research.crn_findings": "person_id",
            "research.programme_cases": "person_id",
            "research.attendee_responses": "person_id",
            "research.facilitator_checkins": "person_id",
        },
        "rule | repeated",
    )


def test_what_a_case_says_of_its_person_is_a_row_each_linked_or_not() -> None:
    check_sql(
        "policy/linkage_bias",
        {
            "research.row_links": """
                source              | person_id | link_result             | gender | age_band | borough | offence | delivery
                crc_eligibility     | p1        | linked and not eligible | Male   | 18-24    | Lambeth | 00826   | Group
                crc_eligibility     | p2        | not linked              |        |          |         |         | Not assigned
                ors_attendee_survey | p3        | not linked              |        |          |         |         |
            """
        },
        """
            source          | unlinked | characteristic | category
            crc_eligibility | 0        | age band       | 18-24
            crc_eligibility | 0        | borough        | Lambeth
            crc_eligibility | 0        | delivery       | Group
            crc_eligibility | 0        | gender         | Male
            crc_eligibility | 0        | offence        | 00826
            crc_eligibility | 1        | age band       |
            crc_eligibility | 1        | borough        |
            crc_eligibility | 1        | delivery       | Not assigned
            crc_eligibility | 1        | gender         |
            crc_eligibility | 1        | offence        |
        """,
    )


def test_a_conflict_is_counted_of_those_whom_both_sources_know() -> None:
    check_sql(
        "policy/source_conflicts",
        {
            "research.source_conflicts": """
                person_id | characteristic | nps_says | crc_says | differs
                p1        | gender         | Male     | Female   | true
                p1        | age            | 30       | 30       | false
                p2        | gender         | Male     | Male     | false
            """
        },
        """
            person_id | characteristic | differs
            p1        | age            | 0
            p1        | gender         | 1
            p2        | gender         | 0
        """,
    )
