"""Invented responses to the questionnaire in a DuckDB file, as large as asked for."""

from __future__ import annotations

from pathlib import Path

import duckdb

from safer_streets_assets.attitudes.instrument import Instrument, Scale


def write_responses(file: Path, people: int, instrument: Instrument) -> None:
    """Writes `people`, and `responses`: three waves of everybody, a tenth of them answered twice.

    Of the answers one in twenty-five is a missing code and one in fifty is blank; of the people
    at the middle and the end one in five has not answered at all.
    """
    items = [
        f"{_answer(scale)} AS {item.code}" for scale in instrument.scales for item in scale.items
    ]
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            "CREATE TABLE people AS "
            f"SELECT md5('person ' || person) AS person_id FROM range({people}) AS p(person)"
        )
        connection.execute(
            f"""
            CREATE TABLE responses AS
            SELECT md5('person ' || person) AS person_id,
                row_number() OVER (ORDER BY random()) AS respid,
                wave::BIGINT AS wave,
                CASE WHEN random() < 0.9 THEN 1 ELSE 3 END::BIGINT AS status,
                TIMESTAMP '2020-01-01' + to_minutes((random() * 500000)::INTEGER)
                    AS interview_start,
                {", ".join(items)}
            FROM range({people}) AS p(person), (VALUES (1), (2), (3)) AS w(wave),
                (VALUES (1), (2)) AS a(attempt)
            WHERE (attempt = 1 OR random() < 0.1) AND (wave = 1 OR random() < 0.8)
            """
        )


def _answer(scale: Scale) -> str:
    answer = f"{scale.low} + floor(random() * {scale.high - scale.low + 1})"
    code = f"{scale.missing.dont_know} + floor(random() * 3)"
    return (
        f"CASE WHEN random() < 0.02 THEN NULL WHEN random() < 0.04 THEN {code} "
        f"ELSE {answer} END::BIGINT"
    )
