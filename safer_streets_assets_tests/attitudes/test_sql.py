"""The `.sql` file of attitudes on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_answers_count_at_the_wave_of_their_stage_without_missing_codes() -> None:
    check_sql(
        "attitudes/survey_answers",
        {
            "counting_responses": """
                person_id | wave:BIGINT | S2_1:BIGINT | M1:BIGINT | X4:BIGINT
                p1        | 1           | 0           | 4         |
                p1        | 2           | 1           | 4         | 10
                p2        | 2           |             | 97        |
                p2        | 3           |             |           | 0
                p0        | 2           |             | 1         |
            """,
            "asked_questions": """
                question | wave:BIGINT | place:BIGINT
                S2_1     | 1           | 0
                X4       | 3           | 1
                M1       | 2           | 2
            """,
        },
        """
            person_id | wave | question | answer
            p1        | 1    | S2_1     | 0
            p2        | 3    | X4       | 0
            p0        | 2    | M1       | 1
            p1        | 2    | M1       | 4
        """,
        parameters={"missing_codes": [97, 98, 99]},
        fill={"questions": '"S2_1", "M1", "X4"'},
        in_order=True,
    )
