"""The `.sql` files of free texts on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_texts_are_those_of_conformed_rows_without_the_blank_ones() -> None:
    check_sql(
        "texts/written_texts",
        {
            "conformed_rows": """
                drop_order:BIGINT | file_row:BIGINT | person_id | session | day
                1                 | 2               | p2        | 1       | 2020-01-01
                1                 | 3               | p1        | 2       |
                1                 | 4               | p1        | 1       | 2020-01-01
                1                 | 5               | p1        | 3       | 2020-01-01
            """,
            "latest": """
                drop_order:BIGINT | file_row:BIGINT | crn | comments
                1                 | 2               | A2  | good
                1                 | 3               | A1  | late
                1                 | 4               | A1  | ''
                1                 | 5               | A1  |
                2                 | 2               | A9  | not conformed
            """,
            "restricted.drop_order": """
                drop_order:BIGINT | drop_id
                1                 | first
                1                 | other
                2                 | second
            """,
            "restricted.loaded_drops": """
                drop_id | source
                first   | checkins
                second  | checkins
                other   | forms
            """,
        },
        """
            person_id | crn_key | reference    | drop_id | text
            p1        | A1      | 2            | first   | late
            p2        | A2      | 1 2020-01-01 | first   | good
        """,
        fill={
            "person": "conformed.person_id",
            "crn": "latest.crn",
            "reference": "conformed.session, conformed.day",
            "field": "comments",
            "source": "'checkins'",
        },
        in_order=True,
    )


def test_masks_are_counted_by_source_and_kind() -> None:
    check_sql(
        "texts/redaction_counts",
        {
            "research.redacted_texts": """
                source | names | crns | e_mails | postcodes | phones | births | addresses | in_doubt
                forms  | 2     | 0    | 0       | 0         | 0      | 0      | 0         | 1
                forms  | 1     | 1    | 0       | 0         | 0      | 0      | 0         | 0
                forms  | 0     | 0    | 0       | 0         | 0      | 0      | 0         | 0
                survey | 0     | 0    | 0       | 0         | 3      | 0      | 0         | 0
            """,
            "research.redaction_counts": "source | kind | texts | with_it | masked",
        },
        """
            source | kind     | texts | with_it | masked
            forms  | crns     | 3     | 1       | 1
            forms  | in_doubt | 3     | 1       | 1
            forms  | names    | 3     | 2       | 3
            forms  | phones   | 3     | 0       | 0
            survey | crns     | 1     | 0       | 0
            survey | in_doubt | 1     | 0       | 0
            survey | names    | 1     | 0       | 0
            survey | phones   | 1     | 1       | 3
        """,
        then="SELECT * FROM research.redaction_counts "
        "WHERE kind IN ('crns', 'in_doubt', 'names', 'phones')",
        in_order=True,
    )
