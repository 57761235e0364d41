"""Invented people in the stores of a data folder, as intake would have left them, by SQL alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import duckdb

from safer_streets_assets.attitudes.tables import write_change, write_gates, write_scores
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.monitoring.tables import write_dropout, write_times
from safer_streets_assets.policy import Policy
from safer_streets_assets.reoffending.tables import write_reoffending
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.sql_files import quoted_text

NPS, CRC = "nps_court_outcomes", "crc_eligibility"
SURVEY, CHECKINS = "ors_attendee_survey", "ors_facilitator_checkin"
FORMS, STUDIES = "training_feedback", "mtc_novo"
_ARRIVED = datetime(2021, 1, 4, 12)
_CRN = "chr((65 + n // 1000000)::INTEGER) || lpad((n % 1000000)::VARCHAR, 6, '0')"
_DAYS = 426
"""Disposals lie in so many days from the first of the roll-out on."""


def fill_stores(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, people: int
) -> None:
    """Fills the stores, which are attached for writing and new.

    Each person has one court outcome, one in twenty a second one. Seven in ten are on CRC's
    spreadsheet; most of them start and have a check-in a session and a response a wave. The tables
    of change are there and empty, and every stage gate is open.
    """
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    prepare_intake(connection, policy)
    _make_research(connection, folder, policy)
    connection.execute("SELECT setseed(0.5)")
    connection.execute(f"CREATE TEMP TABLE made_up AS {_people(policy, people)}")
    few = min(people, 1000)
    for source, rows in _rows(policy, few).items():
        _load(connection, policy, source, rows)
    make_pseudonyms(connection, folder, policy)
    _answer_questions(connection, policy)
    connection.execute("UPDATE research.stage_gates SET open = true")
    connection.execute("DROP TABLE made_up")


def _make_research(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    """Every table of the research store, before there is a row."""
    make_pseudonyms(connection, folder, policy)
    for name in policy.sources:
        conform(connection, policy, name)
    link_cohort(connection, policy)
    write_scores(connection, policy)
    write_gates(connection, policy)
    write_change(connection, policy)
    write_reoffending(connection, policy)
    write_times(connection, policy, None)
    write_dropout(connection, policy)


def _people(policy: Policy, people: int) -> str:
    """One row a person: where they live, when they were sentenced, and how far they got."""
    words = policy.word_lists
    return f"""
        SELECT *, assigned = 'Yes' AND random() < 0.9 AS started FROM (
            SELECT n, {_CRN} AS crn,
                {_one_of(words["boroughs"].words)} AS borough,
                {_one_of(words["courts"].words)} AS court,
                {_one_of(words["sentences"].words)} AS sentence,
                {_one_of(policy.dpia.code_lists["gender"])} AS gender,
                {_one_of(policy.dpia.offence_codes)} AS offence,
                DATE '1960-01-01' + (random() * 16000)::INTEGER AS born,
                DATE '2019-11-01' + (random() * {_DAYS})::INTEGER AS disposed,
                random() < 0.7 AS on_spreadsheet,
                CASE WHEN random() < 0.8 THEN 'Yes' ELSE 'No' END AS assigned,
                (random() * 12)::INTEGER AS sessions
            FROM range({people}) AS t(n)
        )
    """


def _rows(policy: Policy, few: int) -> dict[str, str]:
    """Source to the query of its rows, with the columns that are not of few invented values."""
    codes, themes = policy.dpia.code_lists, policy.word_lists["themes"].words
    about = "crn, crn AS crn_key, 'FENWICK, Darnell ' || n AS offender_name, gender, borough"
    born = "strftime(born, '%d/%m/%Y') AS date_of_birth"
    items = ", ".join(
        f"({low} + floor(random() * {high - low + 1}))::BIGINT::VARCHAR AS {field.name}"
        for field in policy.questionnaire.agreed_fields()
        if field.range
        for low, high in [field.range]
    )
    answers = ", ".join(
        f"'{n}' AS {name}" for n, name in enumerate(policy.labels_of("training_questions"), 1)
    )
    return {
        NPS: f"""
            SELECT {about}, {born}, offence AS offence_code, sentence AS resulting_sentence, court,
                strftime(disposed + again * 40, '%d/%m/%Y') AS disposal_date
            FROM made_up, (VALUES (0), (1)) AS times(again) WHERE again = 0 OR n % 20 = 0
        """,
        CRC: f"""
            SELECT {about.replace("offender_name", "name")}, {born}, offence AS offence_code,
                assigned, strftime(disposed + n::INTEGER % 3, '%d/%m/%Y') AS sentence_date,
                sentence AS sentence_type, '20' AS rar_days,
                CASE WHEN assigned = 'No' THEN {_one_of(codes["reason_not_assigned"])} END
                    AS reason_not_assigned,
                CASE WHEN n % 10 = 0 THEN 'Yes' ELSE 'No' END AS one_to_one,
                CASE WHEN n % 10 = 0 THEN {_one_of(codes["reason_one_to_one"])} END
                    AS reason_one_to_one,
                CASE WHEN started THEN strftime(disposed + 10 + n::INTEGER % 50, '%d/%m/%Y') END
                    AS start_date,
                CASE WHEN started THEN sessions::VARCHAR END AS sessions_attended,
                CASE WHEN started AND sessions >= 10 THEN 'Completed'
                    WHEN started THEN 'In progress' END AS outcome, NULL AS outcome_date
            FROM made_up WHERE on_spreadsheet
        """,
        CHECKINS: """
            SELECT crn, crn AS crn_key, (row_number() OVER ())::VARCHAR AS response_id,
                session::VARCHAR AS session, 'Yes' AS attended, 'Group' AS delivery,
                strftime(disposed + 20 + 7 * session::INTEGER, '%d/%m/%Y') AS session_date,
                (1 + floor(random() * 5))::BIGINT::VARCHAR AS engagement, NULL AS comments
            FROM made_up, range(1, 13) AS s(session)
            WHERE on_spreadsheet AND started AND session <= sessions
        """,
        SURVEY: f"""
            SELECT crn, crn AS crn_key, (row_number() OVER ())::VARCHAR AS respid,
                wave::VARCHAR AS wave, CASE WHEN random() < 0.9 THEN '1' ELSE '3' END AS status,
                strftime(disposed + 20 + 60 * wave, '%d/%m/%Y') || ' 10:15' AS interview_start,
                strftime(disposed + 20 + 60 * wave, '%d/%m/%Y') || ' 10:31' AS interview_end,
                NULL AS m2, NULL AS x5, {items}
            FROM made_up, (VALUES (1), (2), (3)) AS w(wave)
            WHERE on_spreadsheet AND started AND sessions >= 5 * (wave - 1)
        """,
        FORMS: f"""
            SELECT n::VARCHAR AS form, NULL AS training_date, {answers} FROM range({few}) AS f(n)
        """,
        STUDIES: f"""
            SELECT n::VARCHAR AS reference, {_one_of(themes)} AS theme FROM range({few}) AS f(n)
        """,
    }


def _load(connection: duckdb.DuckDBPyConnection, policy: Policy, source: str, rows: str) -> None:
    """The rows as the only drop of their source; what the query does not say is of few values."""
    drop = f"drop of {source}"
    found = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    rest = [c for c in raw_columns(policy.sources[source]) if c not in found]
    more = "".join(f", '{column} ' || row_number() OVER () % 40 AS {column}" for column in rest)
    connection.execute(
        f"INSERT INTO restricted.{raw_table(source)} BY NAME SELECT '{drop}' AS drop_id, "
        f"row_number() OVER () + 1 AS row_number, *{more} FROM ({rows})"
    )
    connection.execute(
        "INSERT INTO restricted.loaded_drops BY NAME SELECT $drop AS drop_id, $source AS source, "
        "$arrived::TIMESTAMP AS arrived_at, 0 AS saved_at, 'csv' AS format, "
        f"count(*) AS rows_read, count(*) AS rows_loaded, []::VARCHAR[] AS dropped_headers "
        f"FROM restricted.{raw_table(source)}",
        {"drop": drop, "source": source, "arrived": _ARRIVED},
    )


def _answer_questions(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """The stage-specific answers, which the stage of attitudes makes and which are not measured."""
    lists = [policy.labels_of(name) for name in policy.questionnaire.lists_of_questions]
    columns = [name for labels in lists for name in labels]
    fields = {f.headers[0]: f.name for f in policy.questionnaire.agreed_fields()}
    wave = {
        question.id: n
        for n, stage in enumerate(policy.questionnaire.stages, 1)
        for question in policy.questionnaire.stage_specific
        if question.stage == stage
    }
    each = " UNION ALL ".join(
        f"SELECT person_id, '{c}' AS question, {fields[c]} AS answer FROM answered "
        f"WHERE wave = '{wave.get(c) or wave[c.partition('_')[0]]}'"
        for c in columns
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE research.survey_answers AS WITH answered AS ("
        f"SELECT people.person_id, raw.* FROM restricted.{raw_table(SURVEY)} AS raw "
        "JOIN restricted.person_pseudonyms AS people USING (crn_key)) "
        f"SELECT person_id, question, answer FROM ({each})"
    )


def _one_of(words: Collection[str]) -> str:
    """One of some words by chance, in SQL."""
    listed = ", ".join(map(quoted_text, words))
    return f"[{listed}][1 + floor(random() * {len(words)})::INTEGER]"
