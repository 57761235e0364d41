"""Intake's `.sql` files on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_dates_and_times_are_read_day_first() -> None:
    check_sql(
        "intake/macros",
        {
            "texts": """
                text
                13/01/2020
                01/13/2020
                29/02/2019
                2020-01-13
                2020/01/13
                13.1.2020
                13 Jan 2020
                Jan 13, 2020
                Monday 13th of January 2020
                20200113
                43843
                43843.5
                13/01/20
                13/01/2020 09:05
                2020-01-13T09:05:59Z
                13 Jan 2020 9:05 pm
                1899-12-31
                2100-01-02
                soon
                NULL
            """
        },
        """
            text                        | read_time           | read_date
            13/01/2020                  | 2020-01-13 00:00:00 | 2020-01-13
            01/13/2020                  |                     |
            29/02/2019                  |                     |
            2020-01-13                  | 2020-01-13 00:00:00 | 2020-01-13
            2020/01/13                  | 2020-01-13 00:00:00 | 2020-01-13
            13.1.2020                   | 2020-01-13 00:00:00 | 2020-01-13
            13 Jan 2020                 | 2020-01-13 00:00:00 | 2020-01-13
            Jan 13, 2020                | 2020-01-13 00:00:00 | 2020-01-13
            Monday 13th of January 2020 | 2020-01-13 00:00:00 | 2020-01-13
            20200113                    | 2020-01-13 00:00:00 | 2020-01-13
            43843                       | 2020-01-13 00:00:00 | 2020-01-13
            43843.5                     | 2020-01-13 12:00:00 | 2020-01-13
            13/01/20                    |                     |
            13/01/2020 09:05            | 2020-01-13 09:05:00 | 2020-01-13
            2020-01-13T09:05:59Z        | 2020-01-13 09:05:59 | 2020-01-13
            13 Jan 2020 9:05 pm         | 2020-01-13 21:05:00 | 2020-01-13
            1899-12-31                  | 1899-12-31 00:00:00 |
            2100-01-02                  | 2100-01-02 00:00:00 |
            soon                        |                     |
            NULL                        |                     |
        """,
        then="SELECT text, parse_timestamp(text) AS read_time, parse_date(text) AS read_date FROM texts",
    )


def test_a_year_of_two_figures_is_the_one_year_it_can_be() -> None:
    check_sql(
        "intake/macros",
        {
            "texts": """
                text
                13/01/20
                13 Jan 20
                Mon 13 Jan '20
                Tue 13 Jan 20
                19-11-20
                13/01/80
                13/01/2020
            """
        },
        """
            text           | read_date
            13/01/20       |
            13 Jan 20      |
            Mon 13 Jan '20 | 2020-01-13
            Tue 13 Jan 20  |
            19-11-20       |
            13/01/80       |
            13/01/2020     |
        """,
        then="SELECT text, parse_short_year(text, 2000, 2021)::DATE AS read_date FROM texts",
    )


def test_numbers_codes_and_references_are_read_as_a_spreadsheet_leaves_them() -> None:
    check_sql(
        "intake/macros",
        {
            "texts": """
                text
                12
                -3.00
                1.5
                826
                00826
                0
                123456
                A 007
                Dear all, thanks
                NULL
            """
        },
        """
            text             | number | offence | is_reference | key             | spelling
            12               | 12     | 00012   | true         | 12              | 12
            -3.00            | -3     |         | false        | -3              | -3
            1.5              |        |         | true         | 1.5             | 1.5
            826              | 826    | 00826   | true         | 826             | 826
            00826            | 826    | 00826   | true         | 826             | 00826
            0                | 0      |         | true         | 0               | 0
            123456           | 123456 |         | true         | 123456          | 123456
            A 007            |        |         | true         | A7              | a 007
            Dear all, thanks |        |         | false        | DEARALL,THANKS  | dear all, thanks
            NULL             |        |         |              |                 |
        """,
        then="SELECT text, parse_integer(text) AS number, parse_offence_code(text) AS offence, "
        "is_reference(text) AS is_reference, reference_key(text) AS key, "
        "code_spelling(text) AS spelling FROM texts",
    )


def test_an_age_is_reached_on_the_birthday() -> None:
    check_sql(
        "intake/macros",
        {
            "births": """
                born:DATE  | on_day:DATE
                2002-01-13 | 2020-01-12
                2002-01-13 | 2020-01-13
                2000-02-29 | 2018-02-28
                2000-02-29 | 2018-03-01
                           | 2018-03-01
            """
        },
        """
            born       | age
            2002-01-13 | 17
            2002-01-13 | 18
            2000-02-29 | 17
            2000-02-29 | 18
                       |
        """,
        then="SELECT born, whole_years(born, on_day) AS age FROM births",
    )


def test_drops_stand_by_arrival_and_snapshots_by_the_position_they_state() -> None:
    check_sql(
        "intake/drop_order",
        {
            "drops": """
                drop_id | source   | arrived_at:TIMESTAMP | stated_position:DATE | position_date:DATE | saved_at:BIGINT
                late    | snapshot | 2020-03-01 00:00:00  | 2020-01-01           |                    | 900
                new     | snapshot | 2020-02-01 00:00:00  | 2020-02-01           |                    | 100
                none    | snapshot | 2020-02-02 00:00:00  |                      |                    | 200
                second  | rows     | 2020-01-01 00:00:00  |                      | 2020-02-28         | 100
                first   | rows     | 2020-01-01 00:00:00  |                      | 2020-01-31         | 110
                alone   | rows     | 2020-01-01 00:00:00  |                      | 2019-01-31         | 500
                no date | rows     | 2020-01-03 00:00:00  |                      |                    | 7
                dated   | rows     | 2020-01-03 00:00:00  |                      | 2019-01-31         | 8
                older   | snapshot | 2020-02-01 12:00:00  | 2020-01-15           |                    | 100
                before  | rows     | 2019-12-31 00:00:00  |                      | 2020-12-31         | 999
                tie b   | rows     | 2020-01-02 00:00:00  |                      |                    | 1
                tie a   | rows     | 2020-01-02 00:00:00  |                      |                    | 1
            """
        },
        """
            source   | drop_id | drop_order
            rows     | before  | 1
            rows     | first   | 2
            rows     | second  | 3
            rows     | alone   | 4
            rows     | tie a   | 5
            rows     | tie b   | 6
            rows     | no date | 7
            rows     | dated   | 8
            snapshot | late    | 1
            snapshot | older   | 2
            snapshot | new     | 3
            snapshot | none    | 4
        """,
        fill={"drops": "drops", "snapshots": "['snapshot']", "together": 10},
    )


def test_identities_that_an_earlier_drop_has_and_the_staged_one_lacks_have_vanished() -> None:
    check_sql(
        "intake/drift_vanished",
        {
            "restricted.visits_raw": """
                drop_id | ref
                earlier | 1
                earlier | 1
                earlier | 2
                earlier |
                other   | 9
            """,
            "staged": """
                ref
                2
                3
            """,
        },
        """
            rows_before | vanished
            3           | 2
        """,
        parameters={"earlier": "earlier"},
        fill={"identity": "ref", "raw_table": "visits_raw"},
    )


def test_the_shape_of_rows_is_what_is_filled_and_which_codes_there_are() -> None:
    check_sql(
        "intake/drift_columns",
        {
            "staged": """
                gender | team
                Male   | A
                Male   |
                Female |
                       |
            """
        },
        """
            row_count | filled | codes
            4         | [3, 1] | [{Female=1, Male=2}]
        """,
        fill={
            "filled": "count(gender), count(team)",
            "codes": "histogram(gender)",
            "rows": "staged",
        },
    )


def test_dates_of_a_program_have_days_to_the_twelfth_where_texts_begin_at_the_thirteenth() -> None:
    check_sql(
        "intake/swapped_dates",
        {
            "staged": """
                day
                2020-01-12
                2020-01-12
                2020-02-03
                13/01/2020
                31.01.20
                5-Jan-2020
                soon
                NULL
            """
        },
        """
            count(true_day) | max(true_day) | count(text_day) | min(text_day)
            3               | 12            | 2               | 13
        """,
        fill={"column": "day"},
    )


def test_failing_rows_are_told_by_drop_the_earliest_first() -> None:
    check_sql(
        "intake/failed_rows",
        {
            "found": """
                drop_id | source | row_number:BIGINT
                late    | visits | 9
                early   | visits | 4
                early   | visits | 3
                early   | visits | 2
                early   | visits | 2
                gone    | visits | 2
                gone so | visits | 2
            """,
            "restricted.loaded_drops": """
                drop_id | arrived_at
                early   | 2020-01-01 00:00:00
                late    | 2020-01-02 00:00:00
            """,
        },
        """
            drop_id | source | row_count | first_rows
            early   | visits | 3         | [2, 3]
            late    | visits | 1         | [9]
            gone    | visits | 1         | [2]
        """,
        fill={"rows": "FROM found", "first_rows": 2, "most_drops": 3},
        in_order=True,
    )


def test_of_rows_that_disagree_the_last_stands_and_the_others_say_where_they_differ() -> None:
    check_sql(
        "intake/repeated",
        {
            "staged_rows": """
                row_number:BIGINT | ref | court   | day
                2                 | 1   | Thames  | 1
                3                 | 1   | Croydon |
                4                 | 1   | Thames  | 2
                5                 | 2   | Thames  | 1
                6                 | 2   | Thames  | 1
                7                 | 3   |         | 1
            """,
            "staged_problems": """
                row_number:BIGINT | problems:STRUCT(field VARCHAR, reason VARCHAR)[] | reasons:VARCHAR[]
            """,
        },
        """
            row_number | problems                                                                        | reasons
            2          | [{'field': day, 'reason': R-TWICE}]                                             | [R-TWICE]
            3          | [{'field': court, 'reason': R-TWICE}, {'field': day, 'reason': R-TWICE}]        | [R-TWICE]
        """,
        then="SELECT * FROM staged_problems ORDER BY row_number",
        fill={
            "name": "staged",
            "typed": "ref, court, day",
            "good": "staged_rows",
            "identity": "ref",
            "order": "DESC",
            "reason": "'R-TWICE'",
            "differing": ", ".join(
                f"CASE WHEN typed.{field} IS DISTINCT FROM stands.{field} "
                f"THEN struct_pack(field := '{field}'::VARCHAR, reason := 'R-TWICE') END"
                for field in ("court", "day")
            ),
        },
    )


def test_a_name_may_stand_where_a_word_of_it_does_or_one_a_slip_away() -> None:
    check_sql(
        "intake/names_that_may_stand",
        {
            "people": """
                name
                FENWICK, Darnell
                Fenwik, Ann
                Okafor, Joy
                O'Brien Smith, Lee
                D'Souza, Amy
                Żuk, Jan
                Li, Bo
                Fenwi, Al
                Fenw, Al
                NULL
            """,
            "words_looked_for": "word\nfenwick\nobriensmith\namy",
            "rests_looked_for": "word\nfenwick\nfenwik\nfenick\nfenwck\ni\nenwi\nenw",
        },
        """
            name
            FENWICK, Darnell
            Fenwik, Ann
            O'Brien Smith, Lee
            D'Souza, Amy
            Żuk, Jan
            Fenwi, Al
        """,
        fill={"column": "name", "table": "people", "least_slip": 5},
    )


OUTSTANDING = {
    "columns": "ref, court",
    "columns_set_aside": "json_extract_string(aside.values_sent, '$.ref') AS ref, "
    "json_extract_string(aside.values_sent, '$.court') AS court",
    "spellings": "",
    "source": "'visits'",
    "raw_table": "visits_raw",
    "erased_person": "'R-ERASED'",
    "repeated": "'R-TWICE'",
    "is_readable": "ref <> ''",
    "identity": "ref",
    "identity_fields": "['ref']",
    "typed": "ref, court",
    "compared": "NOT list_contains(wrong, 'ref'), NOT list_contains(wrong, 'court')",
    "hashes": "hash(ref), hash(court)",
    "same_otherwise": " AND ".join(
        f"(NOT earlier.compared[{number}] OR earlier.{field} = later.{field})"
        for number, field in enumerate(("ref", "court"), start=1)
    ),
    "agreed": "['ref', 'court']",
}
PROBLEM = "STRUCT(field VARCHAR, reason VARCHAR)[]"


def test_a_row_set_aside_waits_until_a_later_drop_puts_it_right() -> None:
    check_sql(
        "intake/outstanding",
        {
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                first   | 1
                second  | 2
            """,
            "restricted.loaded_drops": """
                drop_id | arrived_at          | sheet_number:INTEGER
                first   | 2020-01-01 00:00:00 | 1
                second  | 2020-01-02 00:00:00 |
            """,
            "restricted.visits_raw": """
                drop_id | row_number:BIGINT | ref | court
                first   | 2                 | 1   | Thames
                second  | 2                 | 2   | Thames
                second  | 3                 | 8   | Croydon
            """,
            "restricted.set_aside_rows": f"""
                drop_id | source | row_number | reasons:VARCHAR[] | problems:{PROBLEM} | values_sent:JSON
                first   | visits | 3 | [R-CODE]   | [{{'field': court, 'reason': R-CODE}}]   | {{"ref": "2", "court": "?"}}
                first   | visits | 4 | [R-CODE]   | [{{'field': court, 'reason': R-CODE}}]   | {{"ref": "3", "court": "!"}}
                first   | visits | 5 | [R-ID]     | [{{'field': ref, 'reason': R-ID}}]       | {{"ref": "", "court": "Croydon"}}
                first   | visits | 6 | [R-ID]     | [{{'field': ref, 'reason': R-ID}}]       | {{"ref": "", "court": "Bow"}}
                first   | visits | 7 | [R-RAGGED] | NULL                                     | {{"ref": "7", "court": "Bow"}}
                first   | visits | 8 | [R-GONE]   | [{{'field': other, 'reason': R-GONE}}]   | {{"ref": "8", "court": "Bow"}}
                first   | visits | 9 | [R-ERASED] | NULL                                     | {{}}
                first   | others | 9 | [R-CODE]   | [{{'field': court, 'reason': R-CODE}}]   | {{"ref": "3", "court": "!"}}
            """,
        },
        """
            drop_id | row_number | field | reason   | value_sent | sheet_number
            first   | 4          | court | R-CODE   | !          | 1
            first   | 6          | ref   | R-ID     | ''         | 1
            first   | 7          |       | R-RAGGED |            | 1
        """,
        fill=OUTSTANDING,
        in_order=True,
    )


def test_a_row_in_doubt_is_put_right_by_a_drop_sent_again_and_a_repeated_one_by_no_row_of_its_own() -> (
    None
):
    check_sql(
        "intake/outstanding",
        {
            "restricted.drop_order": """
                drop_id | drop_order:BIGINT
                half    | 1
                first   | 2
                again   | 3
            """,
            "restricted.loaded_drops": """
                drop_id | arrived_at          | sheet_number:INTEGER
                half    | 2020-01-01 00:00:00 |
                first   | 2020-01-01 00:00:00 |
                again   | 2020-01-02 00:00:00 |
            """,
            "restricted.visits_raw": """
                drop_id | row_number:BIGINT | ref | court
                half    | 2                 | 1   | Thames
                half    | 3                 | 90  | Thames
                first   | 2                 | 1   | Thames
                first   | 3                 | 2   | Thames
                first   | 4                 | 3   | Thames
                first   | 8                 | 5   | Thames
                first   | 9                 | 6   | Thames
                again   | 2                 | 1   | Thames
                again   | 3                 | 2   | Thames
                again   | 4                 | 3   | Thames
            """,
            "restricted.set_aside_rows": f"""
                drop_id | source | row_number | reasons:VARCHAR[] | problems:{PROBLEM} | values_sent:JSON
                half    | visits | 4 | [R-ID]    | [{{'field': ref, 'reason': R-ID}}]      | {{"ref": "", "court": "Bow"}}
                first   | visits | 5 | [R-ID]    | [{{'field': ref, 'reason': R-ID}}]      | {{"ref": "", "court": "Bow"}}
                first   | visits | 6 | [R-TWICE] | [{{'field': court, 'reason': R-TWICE}}] | {{"ref": "5", "court": "Bow"}}
                first   | visits | 7 | [R-CODE]  | [{{'field': court, 'reason': R-CODE}}]  | {{"ref": "6", "court": "?"}}
                first   | visits | 9 | [R-CODE]  | [{{'field': court, 'reason': R-CODE}}]  | {{"ref": "5", "court": "?"}}
            """,
        },
        """
            drop_id | row_number | field | reason  | value_sent
            half    | 4          | ref   | R-ID    | ''
            first   | 6          | court | R-TWICE | Bow
            first   | 9          | court | R-CODE  | ?
        """,
        fill=OUTSTANDING,
        in_order=True,
    )
