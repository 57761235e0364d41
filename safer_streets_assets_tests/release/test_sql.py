"""The `.sql` file that tells invented drops on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_a_drop_is_invented_where_enough_of_its_crns_are_marked() -> None:
    # A letter is a multiple of the modulus here, so a CRN is marked where its number is one.
    check_sql(
        "release/invented_drops",
        {
            "restricted.visits_raw": """
                drop_id   | crn_key
                invented  | A000005
                invented  | A000010
                invented  | A000015
                invented  | A000001
                invented  | A000001
                invented  |
                no more   | A000005
                no more   | A000010
                too few   | A000005
                too few   | A000005
                a share   | A000005
                a share   | A000010
                a share   | A000001
                malformed | A5
                malformed | A10
            """
        },
        """
            count_star()
            2
        """,
        fill={
            "crn_key": "crn_key",
            "raw_table": "visits_raw",
            "numbers": 10**6,
            "modulus": 5,
            "fewest": 2,
            "share": 0.75,
        },
    )
