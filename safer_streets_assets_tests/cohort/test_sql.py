"""The cohort's `.sql` files on rows written by hand."""

from __future__ import annotations

from safer_streets_assets.cohort.near_misses import comparison_sql
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.sql_rows import check_sql

RULES = {
    "opening_dates": """
        borough | opens:DATE
        Lambeth | 2020-01-06
    """,
    "offences_in_scope": """
        offence_code
        00826
    """,
    "age_bands": """
        lower_bound:BIGINT | age_band
        0                  | under 18
        18                 | 18-24
        25                 | 25+
    """,
    "funnel_stages": """
        stage_number:INTEGER | stage
        1                    | sentenced
        2                    | eligible
        3                    | with RAR
        4                    | assigned
        5                    | started
        6                    | midpoint
        7                    | completed
    """,
}
ADULTS, MIDPOINT = {"minimum_age": 18}, {"midpoint_sessions": 6}
BY_NPS = {"gender": "gender"}
"""The gender as the policy believes it (see `cohort.believed`)."""
NO_CASES = "person_id | sentence_date"


def test_the_first_eligible_disposal_counts_else_the_first() -> None:
    check_sql(
        "policy/cohort/linked_cohort",
        {
            **RULES,
            "research.programme_cases": NO_CASES,
            "research.court_cases": """
                person_id | disposal_date | offence_code | borough | age_at_disposal
                day open  | 2020-01-06    | 00826        | Lambeth | 18
                day early | 2020-01-05    | 00826        | Lambeth | 18
                at 17     | 2020-02-01    | 00826        | Lambeth | 17
                other     | 2020-02-01    | 10501        | Lambeth | 24
                elsewhere | 2020-02-01    | 00826        | Kent    | 25
                nowhere   | 2020-02-01    | 00826        |         | 30
                twice     | 2020-01-03    | 00826        | Lambeth | 30
                twice     | 2020-03-01    | 00826        | Lambeth | 30
                twice     | 2020-02-01    | 00826        | Lambeth | 30
                one day   | 2020-02-01    | 10501        | Lambeth | 30
                one day   | 2020-02-01    | 00826        | Lambeth | 30
                never     | 2019-12-02    | 00826        | Lambeth | 30
                never     | 2019-12-01    | 00826        | Lambeth | 30
            """,
        },
        """
            person_id | disposal_date | month   | offence | derived      | age_band | stage_reached
            at 17     | 2020-02-01    | 2020-02 | 00826   | not eligible | under 18 | sentenced
            day early | 2020-01-05    | 2020-01 | 00826   | not eligible | 18-24    | sentenced
            day open  | 2020-01-06    | 2020-01 | 00826   | eligible     | 18-24    | eligible
            elsewhere | 2020-02-01    | 2020-02 | 00826   | not eligible | 25+      | sentenced
            never     | 2019-12-01    | 2019-12 | 00826   | not eligible | 25+      | sentenced
            nowhere   | 2020-02-01    | 2020-02 | 00826   | not eligible | 25+      | sentenced
            one day   | 2020-02-01    | 2020-02 | 00826   | eligible     | 25+      | eligible
            other     | 2020-02-01    | 2020-02 | 10501   | not eligible | 18-24    | sentenced
            twice     | 2020-02-01    | 2020-02 | 00826   | eligible     | 25+      | eligible
        """,
        parameters={**ADULTS, **MIDPOINT},
        fill=BY_NPS,
        in_order=True,
    )


def test_each_stage_takes_the_one_before() -> None:
    check_sql(
        "policy/cohort/linked_cohort",
        {
            **RULES,
            "research.court_cases": """
                person_id  | disposal_date | offence_code | borough | age_at_disposal
                absent     | 2020-02-01    | 00826        | Lambeth | 30
                completed  | 2020-02-01    | 00826        | Lambeth | 30
                five       | 2020-02-01    | 00826        | Lambeth | 30
                ineligible | 2020-02-01    | 00826        | Kent    | 30
                no start   | 2020-02-01    | 00826        | Lambeth | 30
                refused    | 2020-02-01    | 00826        | Lambeth | 30
                six        | 2020-02-01    | 00826        | Lambeth | 30
                too few    | 2020-02-01    | 00826        | Lambeth | 30
                undecided  | 2020-02-01    | 00826        | Lambeth | 30
                unsaid     | 2020-02-01    | 00826        | Lambeth | 30
            """,
            "research.programme_cases": """
                person_id  | sentence_date | assigned | one_to_one | start_date | sessions_attended | outcome
                completed  | 2020-02-01    | true     | true       | 2020-02-03 | 12                | Completed
                five       | 2020-02-01    | true     | false      | 2020-02-01 | 5                 | In progress
                ineligible | 2020-02-01    | true     | false      | 2020-02-03 | 12                | Completed
                no start   | 2020-02-01    | true     | false      |            | 12                | Completed
                refused    | 2020-02-01    | false    | true       |            |                   |
                six        | 2020-02-01    | true     | false      | 2020-01-31 | 6                 | In progress
                too few    | 2020-02-01    | true     | false      | 2020-02-03 | 5                 | Completed
                undecided  | 2020-02-01    | true     | false      | 2020-02-03 | 12                |
                unsaid     | 2020-02-01    | true     |            | 2020-02-03 |                   |
            """,
        },
        """
            person_id  | stage_reached | crc_decision       | delivery     | days_to_start | sessions_attended | outcome
            absent     | eligible      | not on spreadsheet | Not assigned |               | 0                 | Not recorded
            completed  | completed     | assigned           | One-to-one   | 2             | 12                | Completed
            five       | started       | assigned           | Group        | 0             | 5                 | In progress
            ineligible | sentenced     | assigned           | Group        | 2             | 12                | Completed
            no start   | assigned      | assigned           | Group        |               | 12                | Completed
            refused    | with RAR      | not assigned       | Not assigned |               | 0                 | Not recorded
            six        | midpoint      | assigned           | Group        | -1            | 6                 | In progress
            too few    | started       | assigned           | Group        | 2             | 5                 | Completed
            undecided  | midpoint      | assigned           | Group        | 2             | 12                | Not recorded
            unsaid     | started       | assigned           | Group        | 2             | 0                 | Not recorded
        """,
        parameters={**ADULTS, **MIDPOINT},
        fill=BY_NPS,
        in_order=True,
    )


def test_of_somebody_on_no_spreadsheet_nothing_is_recorded() -> None:
    check_sql(
        "policy/cohort/linked_cohort",
        {
            **RULES,
            "research.programme_cases": NO_CASES,
            "research.court_cases": """
                person_id | disposal_date | offence_code | borough | age_at_disposal
                absent    | 2020-02-01    | 00826        | Lambeth | 30
            """,
        },
        """
            person_id | one_to_one | reason_one_to_one | reason_not_assigned | not_in_latest_spreadsheet
            absent    | false      | Not recorded      | Not recorded        | false
        """,
        parameters={**ADULTS, **MIDPOINT},
        fill=BY_NPS,
    )


def test_of_several_cases_the_nearest_counts_and_of_two_as_near_the_earlier() -> None:
    check_sql(
        "policy/cohort/linked_cohort",
        {
            **RULES,
            "research.court_cases": """
                person_id | disposal_date | offence_code | borough | age_at_disposal
                nearest   | 2020-02-10    | 00826        | Lambeth | 30
                tie       | 2020-02-10    | 00826        | Lambeth | 30
            """,
            "research.programme_cases": """
                person_id | sentence_date | assigned | reason_not_assigned | not_in_latest
                nearest   | 2020-01-01    | true     |                     | true
                nearest   | 2020-02-12    | false    | 03                  | false
                tie       | 2020-02-12    | true     |                     | false
                tie       | 2020-02-08    | false    |                     | true
                stranger  | 2020-02-10    | true     |                     | false
            """,
        },
        """
            person_id | crc_decision | reason_not_assigned | not_in_latest_spreadsheet
            nearest   | not assigned | 03                  | false
            tie       | not assigned | Not recorded        | true
        """,
        parameters={**ADULTS, **MIDPOINT},
        fill=BY_NPS,
        in_order=True,
    )


def test_the_funnel_counts_everybody_at_a_stage_or_beyond_it() -> None:
    check_sql(
        "cohort/funnel_counts",
        {
            "funnel_stages": RULES["funnel_stages"],
            "research.linked_cohort": """
                person_id | stage_number
                a         | 1
                b         | 3
                c         | 3
                d         | 6
            """,
        },
        """
            stage     | n
            sentenced | 4
            eligible  | 3
            with RAR  | 3
            assigned  | 1
            started   | 1
            midpoint  | 1
            completed | 0
        """,
        in_order=True,
    )


VERSIONS = {
    "fill": {
        "person": "(SELECT person_id FROM restricted.person_pseudonyms AS people WHERE people.crn_key = raw.crn_key)",
        "typed": "crn_key AS crn, day::DATE AS day, court",
        "names": "crn, day, court",
        "identity": "coalesce(person_id, crn), day",
        "raw_table": "visits_raw",
        "left_out": "coalesce(court = 'M. Smith', false)",
        "number": "row_number() OVER (ORDER BY person_id, day) AS identity_number",
        "minimal": "drop_order, file_row, person_id, in_latest_drop, court",
    }
}
SENT = {
    "restricted.drop_order": """
        drop_id | drop_order:BIGINT
        first   | 1
        second  | 2
    """,
    "restricted.person_pseudonyms": """
        crn_key | person_id
        A1      | p1
        A7      | p1
        A2      | p2
    """,
    "restricted.visits_raw": """
        drop_id | row_number:BIGINT | crn_key | day        | court
        first   | 2                 | A1      | 2020-01-01 | Thames
        first   | 3                 | A2      | 2020-01-01 |
        first   | 4                 | A2      | 2020-01-01 | Croydon
        first   | 5                 | A2      | 2020-01-02 | Croydon
        first   | 6                 | A2      | 2020-01-03 | M. Smith
        second  | 2                 | A1      | 2020-01-01 | Thames
        second  | 3                 | A7      | 2020-01-01 | Thames
        second  | 4                 | A2      | 2020-01-02 |
    """,
}


def test_the_last_row_of_the_last_drop_wins_within_its_identity() -> None:
    check_sql(
        "cohort/latest_versions",
        SENT,
        """
            identity_number | person_id | drop_order | file_row | court   | in_latest_drop
            1               | p1        | 2          | 3        | Thames  | true
            2               | p2        | 1          | 4        | Croydon | false
            3               | p2        | 2          | 4        |         | true
        """,
        then="SELECT * FROM minimal ORDER BY identity_number",
        fill=VERSIONS["fill"],
    )


def test_a_version_repeats_or_corrects_the_one_before_it() -> None:
    check_sql(
        "cohort/latest_versions",
        SENT,
        """
            person_id | day        | version | recency | same_as_before
            p1        | 2020-01-01 | 1       | 3       | false
            p1        | 2020-01-01 | 2       | 2       | true
            p1        | 2020-01-01 | 3       | 1       | false
            p2        | 2020-01-01 | 1       | 2       | false
            p2        | 2020-01-01 | 2       | 1       | false
            p2        | 2020-01-02 | 1       | 2       | false
            p2        | 2020-01-02 | 2       | 1       | false
        """,
        then="SELECT * FROM row_versions ORDER BY person_id, day, version",
        fill=VERSIONS["fill"],
    )


def test_versions_are_counted_as_repeated_corrected_and_conformed() -> None:
    check_sql(
        "cohort/version_counts",
        {
            "restricted.loaded_drops": """
                drop_id | source | rows_read
                a       | visits | 4
                b       | visits | 3
                c       | others | 9
            """,
            "restricted.set_aside_rows": """
                drop_id | source | row_number
                a       | visits | 2
                c       | others | 2
            """,
            "row_versions": """
                version:BIGINT | same_as_before:BOOLEAN
                1              | false
                2              | true
                3              | false
                1              | false
                2              | false
            """,
            "research.visits": """
                person_id
                p1
                p2
            """,
        },
        """
            rows_read | set_aside | duplicates | corrections | conformed
            7         | 1         | 1          | 2           | 2
        """,
        parameters={"source": "visits"},
        fill={"table": "visits"},
    )


def test_a_source_without_a_drop_has_no_version() -> None:
    check_sql(
        "cohort/version_counts",
        {
            "restricted.loaded_drops": "drop_id | source | rows_read",
            "restricted.set_aside_rows": "drop_id | source",
            "row_versions": "version:BIGINT | same_as_before:BOOLEAN",
            "research.visits": "person_id",
        },
        """
            rows_read | set_aside | duplicates | corrections | conformed
            0         | 0         | 0          | 0           | 0
        """,
        parameters={"source": "visits"},
        fill={"table": "visits"},
    )


def test_unknown_words_are_those_of_the_winning_rows_by_how_often_they_stand() -> None:
    check_sql(
        "cohort/unknown_words",
        {
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                first   | 1
            """,
            "restricted.visits_raw": """
                drop_id | row_number:BIGINT | court
                first   | 2                 | Tems
                first   | 3                 | Thames
                first   | 4                 | Croidon
                first   | 5                 | Croidon
                first   | 6                 | Bow St
                first   | 7                 |
            """,
            "latest": """
                drop_order:BIGINT | file_row:BIGINT | court
                1                 | 2               | Other court
                1                 | 3               | Thames
                1                 | 4               | Other court
                1                 | 5               | Other court
                1                 | 7               |
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
            text    | row_count
            Croidon | 2
            Tems    | 1
        """,
        fill={"column": "court", "raw_table": "visits_raw", "words": "'courts'"},
        in_order=True,
    )


KNOWN_ROWS = """
    crn     | gender | borough | date_of_birth:DATE | begins:DATE
    A100001 | Male   | Lambeth | 1995-03-12         | 2020-01-13
    A100001 | Male   | Brent   | 1995-03-12         | 2020-06-01
    B200002 | Female |         | 1990-01-01         | 2020-01-13
    C300003 | Male   | Brent   | 1991-01-01         | 2020-01-13
    C300013 | Male   | Brent   | 1991-01-01         | 2020-01-13
"""


def test_a_near_miss_is_one_slip_from_one_known_crn_and_contradicted_by_nothing() -> None:
    check_sql(
        "cohort/near_misses",
        {
            "known_rows": KNOWN_ROWS,
            "linking_rows": """
                source  | row_id:BIGINT | crn     | gender | borough | date_of_birth:DATE | first_date:DATE
                crc     | 1             | A100007 | Male   | Lambeth |                    | 2020-01-13
                survey  | 1             | A100007 |        |         |                    |
                crc     | 2             | A010001 |        |         |                    |
                crc     | 3             | B200003 | Male   |         |                    |
                crc     | 4             | C300023 | Male   | Brent   | 1991-01-01         | 2020-01-13
                crc     | 5             | B200022 | Female | Lambeth | 1990-01-01         | 2020-01-12
                crc     | 6             | A100001 | Male   | Lambeth | 1995-03-12         | 2020-01-13
                crc     | 7             | A999999 | Male   | Lambeth | 1995-03-12         | 2020-01-13
                crc     | 8             | B100002 | Female | Lambeth | 1990-01-01         | 2020-01-14
                crc     | 9             | B100002 |        |         | 1990-01-02         | 2020-01-14
                crc     | 10            | Z100001 |        |         | 1995-03-12         |
            """,
        },
        """
            crn_sent | crn_meant | sources       | row_count | agrees_on
            A010001  | A100001   | [crc]         | 1         | []
            A100007  | A100001   | [crc, survey] | 2         | [borough, gender, order of dates]
            Z100001  | A100001   | [crc]         | 1         | [date of birth]
        """,
        fill=comparison_sql(shipped_policy()),
        in_order=True,
    )


def test_the_last_drop_is_held_against_the_median_of_those_before_it() -> None:
    drops = """
        drop_id | source | state   | arrived_at          | position_date | rows_read
        a       | visits | loaded  | 2020-01-01 00:00:00 |               | 1000
        b       | visits | loaded  | 2020-01-02 00:00:00 |               | 10
        c       | visits | loaded  | 2020-01-03 00:00:00 |               | 20
        d       | visits | held    | 2020-01-04 00:00:00 |               | 99
        e       | visits | loaded  | 2020-01-06 00:00:00 | 2019-12-31    | 40
        f       | visits | loaded  | 2020-01-06 00:00:00 | 2020-01-01    | 30
        g       | visits | loaded  | 2020-01-06 00:00:00 | 2020-01-01    | 5
        h       | others | loaded  | 2020-01-07 00:00:00 |               | 7
    """
    for earlier, percent in ((2, "14.285714285714286"), (5, "16.666666666666668"), (6, "NULL")):
        check_sql(
            "cohort/volume",
            {"registers.drops": drops},
            f"percent_of_usual\n{percent}",
            parameters={"source": "visits", "earlier_drops": earlier},
        )


def test_a_failing_row_is_found_where_it_came_from_else_where_its_identity_did() -> None:
    check_sql(
        "cohort/failed_places",
        {
            "research.visits": """
                person_id | day        | court
                p1        | 2020-01-01 | Thames
                p1        | 2020-01-02 | Thames
                p2        | 2020-01-01 | Changed since
            """,
            "failed_rows": """
                row_id:BIGINT
                0
                2
            """,
            "conformed_rows": """
                drop_order:BIGINT | file_row:BIGINT | person_id | day        | court
                1                 | 2               | p1        | 2020-01-01 | Thames
                1                 | 3               | p1        | 2020-01-02 | Thames
                2                 | 2               | p2        | 2020-01-01 | Croydon
            """,
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                first   | 1
                second  | 2
                other   | 1
            """,
            "restricted.loaded_drops": """
                drop_id | source
                first   | visits
                second  | visits
                other   | others
            """,
        },
        """
            drop_id | source | row_number
            first   | visits | 2
            second  | visits | 2
        """,
        fill={
            "table": "visits",
            "source": "'visits'",
            "same": "failed.person_id = made.person_id AND failed.day = made.day "
            "AND failed.court IS NOT DISTINCT FROM made.court",
            "alike": "failed.person_id = made.person_id AND failed.day = made.day",
        },
    )
