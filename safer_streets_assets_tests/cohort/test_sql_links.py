"""The `.sql` files of the quality of links and of places on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.cohort.test_sql import RULES
from safer_streets_assets_tests.sql_rows import check_sql

FINDINGS = {
    "certain": "date_of_birth",
    "same_person": "'same name and date of birth as another'",
    "people_source": "'nps'",
    "malformed": "'R-CRN'",
    "cumulative": "'crc', 'survey'",
}
NOTHING_FOUND = {
    "known_rows": "crn | full_name | date_of_birth:DATE",
    "linking_rows": "source | crn",
    "near_miss_states": "crn_sent | finding",
    "restricted.person_pseudonyms": "crn_key | person_id",
    "restricted.set_aside_rows": "drop_id | source | reasons",
    "restricted.loaded_drops": "drop_id | source",
    "restricted.drop_order": "drop_id | drop_order:BIGINT",
}


def test_near_misses_are_counted_by_source_and_person() -> None:
    check_sql(
        "cohort/crn_findings",
        {
            **NOTHING_FOUND,
            "linking_rows": """
                source | crn
                crc    | A9
                crc    | A9
                crc    | A8
                survey | A9
                crc    | B1
                crc    | C7
                crc    | D0
            """,
            "near_miss_states": """
                crn_sent | finding
                A9       | accepted
                A8       | accepted
                C7       | rejected
                E5       | not decided
                D0       | not decided
            """,
            "restricted.person_pseudonyms": """
                crn_key | person_id
                A1      | p1
                A8      | p1
                A9      | p1
                B1      | p2
                C7      | p3
                E5      | p5
            """,
        },
        """
            source | person_id | finding  | row_count
            crc    | p1        | accepted | 3
            crc    | p3        | rejected | 1
            survey | p1        | accepted | 1
        """,
        fill=FINDINGS,
        in_order=True,
    )


def test_one_name_and_date_of_birth_under_two_crns_is_found_of_both() -> None:
    check_sql(
        "cohort/crn_findings",
        {
            **NOTHING_FOUND,
            "known_rows": """
                crn | full_name | date_of_birth:DATE
                A1  | ada smith | 1990-01-01
                A1  | ada smith | 1990-01-01
                A2  | ada smith | 1990-01-01
                B1  | ada smith | 1990-01-02
                C1  | ''        | 1990-01-01
                C2  | ''        | 1990-01-01
                D1  | jo brown  |
                D2  | jo brown  |
                E1  | al jones  | 1990-01-01
                E1  | al jones  | 1990-01-01
            """,
            "restricted.person_pseudonyms": """
                crn_key | person_id
                A1      | p1
                A2      | p2
                B1      | p3
                C1      | p4
                C2      | p5
                D1      | p6
                D2      | p7
                E1      | p8
            """,
        },
        """
            source | person_id | finding                                | row_count
            nps    | p1        | same name and date of birth as another | 2
            nps    | p2        | same name and date of birth as another | 1
        """,
        fill=FINDINGS,
        in_order=True,
    )


def test_a_malformed_crn_is_nobodys_and_counts_in_the_last_of_the_workbooks_sent_again() -> None:
    check_sql(
        "cohort/crn_findings",
        {
            **NOTHING_FOUND,
            "restricted.loaded_drops": """
                drop_id | source
                crc 1   | crc
                crc 2   | crc
                nps 1   | nps
                nps 2   | nps
            """,
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                crc 1   | 2
                crc 2   | 1
                nps 1   | 1
                nps 2   | 2
            """,
            "restricted.set_aside_rows": """
                drop_id | source | reasons
                crc 1   | crc    | [R-CRN]
                crc 1   | crc    | [R-DATE, R-CRN]
                crc 1   | crc    | [R-DATE]
                crc 2   | crc    | [R-CRN]
                nps 1   | nps    | [R-CRN]
                nps 2   | nps    | [R-CRN]
                gone    | survey | [R-CRN]
            """,
        },
        """
            source | person_id | finding   | row_count
            crc    |           | malformed | 1
            crc    |           | malformed | 1
            nps    |           | malformed | 1
            nps    |           | malformed | 1
        """,
        fill=FINDINGS,
        in_order=True,
    )


def test_of_crns_without_a_finding_nothing_is_said() -> None:
    check_sql(
        "cohort/crn_findings",
        NOTHING_FOUND,
        "source | person_id | finding | row_count",
        fill={**FINDINGS, "cumulative": "NULL"},
    )


def test_names_are_compared_by_their_surname_and_first_forename() -> None:
    check_sql(
        "cohort/missed_links",
        {
            "latest": """
                crn | name               | born:DATE  | gender | borough | offence | dated:DATE
                A01 | SMITH, Ada Jane    | 1990-01-02 | Male   | Lambeth | 00826   | 2020-01-06
                A02 | Ada Jane Smith     | 1990-01-02 | Male   | Lambeth | 00826   | 2020-01-06
                A03 | O'Néil-Brown,Zoë   |            |        |         |         |
                A04 | van der Berg , Jo  |            |        |         |         |
                A05 | Smith              |            |        |         |         |
                A06 | Smith,             |            |        |         |         |
                A07 | , Ada              |            |        |         |         |
                A08 | 12345              |            |        |         |         |
                A09 | ''                 |            |        |         |         |
                A10 |                    |            |        |         |         |
                A11 | Ada Smith 2        |            |        |         |         | 2020-01-06
                A11 | Ada Smith          |            |        |         |         | 2020-01-05
                A11 | Ada Smith          |            |        |         |         | 2020-01-05
            """
        },
        """
            unique_id | crn | label | surname      | forename | born       | gender | borough | offence | day
            1         | A01 |       | smith        | ada      | 1990-01-02 | Male   | Lambeth | 00826   | 2020-01-06
            2         | A02 |       | smith        | ada      | 1990-01-02 | Male   | Lambeth | 00826   | 2020-01-06
            3         | A03 |       | oneilbrown   | zoe      |            |        |         |         |
            4         | A04 |       | van der berg | jo       |            |        |         |         |
            5         | A05 |       | smith        |          |            |        |         |         |
            6         | A06 |       | smith        |          |            |        |         |         |
            7         | A07 |       |              | ada      |            |        |         |         |
            8         | A08 |       |              |          |            |        |         |         |
            9         | A09 |       |              |          |            |        |         |         |
            10        | A10 |       |              |          |            |        |         |         |
            11        | A11 |       | smith        | ada      |            |        |         |         | 2020-01-05
            12        | A11 |       | smith        | ada      |            |        |         |         | 2020-01-05
            13        | A11 |       | smith        | ada      |            |        |         |         | 2020-01-06
        """,
        fill={
            "table": "compared",
            "name": "name",
            "compared": "born, gender, borough, offence",
            "columns": "born, gender, borough, offence",
            "dated": "dated",
        },
        then="SELECT * FROM compared ORDER BY unique_id",
        in_order=True,
    )


NO_ROWS = {
    "research.programme_cases": "person_id",
    "research.attendee_responses": "person_id",
    "research.facilitator_checkins": "person_id",
}
LINKED = """
    person_id | derived      | crc_decision
    in        | eligible     | not assigned
    not       | not eligible | assigned
    nowhere   | not eligible | not on spreadsheet
    off       | eligible     | not on spreadsheet
"""


def test_a_row_links_to_a_participant_or_to_somebody_else_or_to_nobody() -> None:
    check_sql(
        "policy/cohort/row_links",
        {
            "age_bands": RULES["age_bands"],
            "research.linked_cohort": LINKED,
            "research.programme_cases": """
                person_id | sentence_date
                in        | 2020-01-31
                in        | 2020-01-31
                not       | 2020-02-01
            """,
            "research.attendee_responses": """
                person_id | interview_start
                nowhere   | 2020-02-29 23:59:59
                off       | 2020-03-01 00:00:00
            """,
            "research.facilitator_checkins": """
                person_id | session_date
                in        |
                stranger  | 2019-12-31
            """,
        },
        """
            source                  | person_id | month   | link_result
            crc_eligibility         | in        | 2020-01 | linked
            crc_eligibility         | in        | 2020-01 | linked
            crc_eligibility         | not       | 2020-02 | linked and not eligible
            ors_attendee_survey     | nowhere   | 2020-02 | linked and not eligible
            ors_attendee_survey     | off       | 2020-03 | linked and not on spreadsheet
            ors_facilitator_checkin | in        |         | linked
            ors_facilitator_checkin | stranger  | 2019-12 | not linked
        """,
        in_order=True,
    )


def test_a_case_says_of_its_person_what_the_row_has() -> None:
    check_sql(
        "policy/cohort/row_links",
        {
            **NO_ROWS,
            "age_bands": RULES["age_bands"],
            "research.linked_cohort": "person_id",
            "research.programme_cases": """
                person_id | gender | borough | age_at_sentence | offence_code | assigned | one_to_one
                a         | Male   | Lambeth | 17              | 00826        | false    | true
                b         | Female | Nowhere | 18              | 10501        | true     | true
                c         |        |         | 24              |              | true     | false
                d         | Male   | Lambeth | 25              | 00826        | true     |
                e         | Male   | Lambeth | 0               | 00826        | false    | false
                f         | Male   | Lambeth |                 | 00826        | false    | false
                g         | Male   | Lambeth | -1              | 00826        | false    | false
            """,
        },
        """
            person_id | gender | borough | age_band | offence | delivery
            a         | Male   | Lambeth | under 18 | 00826   | Not assigned
            b         | Female | Nowhere | 18-24    | 10501   | One-to-one
            c         |        |         | 18-24    |         | Group
            d         | Male   | Lambeth | 25+      | 00826   | Group
            e         | Male   | Lambeth | under 18 | 00826   | Not assigned
            f         | Male   | Lambeth |          | 00826   | Not assigned
            g         | Male   | Lambeth |          | 00826   | Not assigned
        """,
        in_order=True,
    )


def test_without_a_row_there_is_no_link() -> None:
    check_sql(
        "policy/cohort/row_links",
        {**NO_ROWS, "age_bands": RULES["age_bands"], "research.linked_cohort": LINKED},
        "source | person_id | month | link_result",
    )


SAID = {
    "believed": """
        characteristic   | source
        gender           | crc
        borough          | nps
        age              | nps
        date of sentence | nps
        offence          | nps
    """,
    "not_stated": """
        words
        Unknown
        Borough not known
    """,
}


def test_both_sources_are_held_against_each_other_where_both_state_it() -> None:
    check_sql(
        "policy/cohort/source_conflicts",
        {
            **SAID,
            "research.linked_cohort": """
                person_id | disposal_date | offence | sentence_date
                alike     | 2020-01-06    | 00826   | 2020-01-06
                differing | 2020-01-06    | 00826   | 2020-01-07
                silent    | 2020-01-06    | 00826   | 2020-01-06
                unknown   | 2020-01-06    | 00826   | 2020-01-06
            """,
            "research.court_cases": """
                person_id | disposal_date | offence_code | gender  | borough           | age_at_disposal
                alike     | 2020-01-06    | 00826        | Male    | Lambeth           | 30
                differing | 2020-01-06    | 00826        | Male    | Lambeth           | 30
                silent    | 2020-01-06    | 00826        |         | Lambeth           |
                unknown   | 2020-01-06    | 00826        | Unknown | Lambeth           | 30
            """,
            "research.programme_cases": """
                person_id | sentence_date | offence_code | gender | borough           | age_at_sentence
                alike     | 2020-01-06    | 00826        | Male   | Lambeth           | 30
                differing | 2020-01-07    | 10501        | Female | lambeth           | 31
                silent    | 2020-01-06    |              | Male   |                   | 30
                unknown   | 2020-01-06    | A word       | Male   | Borough not known | 29
            """,
        },
        """
            person_id | characteristic   | believed | nps_says   | crc_says   | differs
            alike     | age              | nps      | 30         | 30         | false
            alike     | borough          | nps      | Lambeth    | Lambeth    | false
            alike     | date of sentence | nps      | 2020-01-06 | 2020-01-06 | false
            alike     | gender           | crc      | Male       | Male       | false
            alike     | offence          | nps      | 00826      | 00826      | false
            differing | borough          | nps      | Lambeth    | lambeth    | true
            differing | date of sentence | nps      | 2020-01-06 | 2020-01-07 | true
            differing | gender           | crc      | Male       | Female     | true
            differing | offence          | nps      | 00826      | 10501      | true
            silent    | date of sentence | nps      | 2020-01-06 | 2020-01-06 | false
            unknown   | age              | nps      | 30         | 29         | true
            unknown   | date of sentence | nps      | 2020-01-06 | 2020-01-06 | false
            unknown   | offence          | nps      | 00826      | A word     | true
        """,
        in_order=True,
    )


def test_only_the_disposal_and_the_case_of_the_linked_cohort_are_compared() -> None:
    check_sql(
        "policy/cohort/source_conflicts",
        {
            **SAID,
            "research.linked_cohort": """
                person_id | disposal_date | offence | sentence_date
                several   | 2020-01-06    | 00826   | 2020-02-01
                off       | 2020-01-06    | 00826   |
            """,
            "research.court_cases": """
                person_id | disposal_date | offence_code | gender
                several   | 2020-01-06    | 00826        | Male
                several   | 2020-01-06    | 10501        | Female
                several   | 2020-02-01    | 00826        | Female
                off       | 2020-01-06    | 00826        | Male
            """,
            "research.programme_cases": """
                person_id | sentence_date | gender
                several   | 2020-02-01    | Male
                several   | 2020-01-06    | Female
                stranger  | 2020-02-01    | Male
            """,
        },
        """
            person_id | characteristic   | differs
            several   | date of sentence | true
            several   | gender           | false
        """,
        in_order=True,
    )


def test_rows_with_a_place_on_no_list_are_found_in_their_latest_version() -> None:
    check_sql(
        "cohort/unknown_places",
        {
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                first   | 1
                second  | 2
            """,
            "restricted.visits_raw": """
                drop_id | row_number:BIGINT | court
                first   | 2                 | Tems
                first   | 3                 | Thames
                first   | 4                 | Tems
                first   | 5                 |
                first   | 6                 | Tems
                second  | 2                 | Croidon
                second  | 3                 | Bow St
            """,
            "latest": """
                drop_order:BIGINT | file_row:BIGINT | court
                1                 | 2               | Other court
                1                 | 3               | Thames
                1                 | 4               | Other court
                1                 | 5               |
                1                 | 6               |
                2                 | 2               | Other court
            """,
            "listed_words": """
                words_list | words_text | is_known:BOOLEAN
                courts     | Tems       | false
                courts     | Thames     | true
                courts     | Croidon    | false
                courts     | Bow St     | false
                boroughs   | Thames     | false
            """,
        },
        """
            drop_id | source | row_number
            first   | visits | 2
            first   | visits | 4
            second  | visits | 2
        """,
        fill={
            "source": "'visits'",
            "raw_table": "visits_raw",
            "column": "court",
            "words": "'courts'",
        },
    )
