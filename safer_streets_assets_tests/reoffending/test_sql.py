"""The `.sql` file of re-offending on rows written by hand."""

from __future__ import annotations

from safer_streets_assets_tests.sql_rows import check_sql


def test_people_are_followed_to_the_first_event_or_to_the_end() -> None:
    check_sql(
        "policy/reoffending/follow_up",
        {
            "research.linked_cohort": """
                person_id     | stage_number | outcome_date
                no event      | 7            | 2020-01-01
                on the day    | 7            | 2020-01-01
                first of two  | 7            | 2020-01-01
                last day      | 7            | 2020-01-01
                too late      | 7            | 2020-01-01
                short search  | 7            | 2020-01-01
                early search  | 7            | 2020-01-01
                two searches  | 7            | 2020-01-01
                never sought  | 7            | 2020-01-01
                not completed | 6            | 2020-01-01
            """,
            "research.police_events": """
                person_id     | event         | event_date | searched_until
                no event      | Nothing found |            | 2020-06-01
                on the day    | Arrest        | 2020-01-01 | 2020-06-01
                first of two  | Arrest        | 2020-02-01 | 2020-06-01
                first of two  | Arrest        | 2020-01-11 | 2020-06-01
                first of two  | Sentencing    | 2020-01-21 | 2020-06-01
                last day      | Arrest        | 2020-04-10 | 2020-06-01
                too late      | Arrest        | 2020-04-11 | 2020-06-01
                short search  | Nothing found |            | 2020-01-01
                early search  | Nothing found |            | 2019-12-31
                not completed | Arrest        | 2020-02-01 | 2020-06-01
                two searches  | Nothing found |            | 2019-12-31
                two searches  | Nothing found |            | 2020-01-31
            """,
        },
        """
            event      | happened | days
            Arrest     | false    | 0
            Arrest     | true     | 10
            Arrest     | false    | 30
            Arrest     | false    | 100
            Arrest     | false    | 100
            Arrest     | false    | 100
            Arrest     | true     | 100
            Sentencing | false    | 0
            Sentencing | true     | 20
            Sentencing | false    | 30
            Sentencing | false    | 100
            Sentencing | false    | 100
            Sentencing | false    | 100
            Sentencing | false    | 100
        """,
        parameters={"stage": 7, "follow_up_days": 100, "events": ["Arrest", "Sentencing"]},
        in_order=True,
    )
