-- One row a person with a start date and session: whether the person should have reached it, which is so
-- when CRC counts that many sessions or a check-in of it or a later one is there, and attended it.
-- Beside it the most sessions in a row that the person should have reached and did not attend.
WITH started AS (
    SELECT person_id, delivery, sessions_attended
    FROM research.linked_cohort
    WHERE start_date IS NOT NULL
),
visits AS (
    SELECT
        person_id,
        session,
        max(attended::INTEGER) AS attended,
        max(engagement) FILTER (attended) AS engagement
    FROM research.facilitator_checkins
    GROUP BY person_id, session
),
furthest AS (
    SELECT
        started.person_id,
        started.delivery,
        greatest(max(started.sessions_attended), coalesce(max(visits.session), 0)) AS session
    FROM started
    LEFT JOIN visits USING (person_id)
    GROUP BY started.person_id, started.delivery
),
attendance AS (
    SELECT
        furthest.person_id,
        furthest.delivery,
        sessions.session,
        furthest.session >= sessions.session AS expected,
        coalesce(visits.attended, 0) AS attended,
        visits.engagement
    FROM furthest
    CROSS JOIN programme_sessions AS sessions
    LEFT JOIN visits ON visits.person_id = furthest.person_id AND visits.session = sessions.session
),
-- Sessions missed one after the other are as far from their number among those missed.
runs AS (
    SELECT
        person_id,
        count(*) AS sessions
    FROM (
        SELECT
            person_id,
            session - row_number() OVER (PARTITION BY person_id ORDER BY session) AS run
        FROM attendance
        WHERE expected AND attended = 0
    )
    GROUP BY person_id, run
),
longest AS (
    SELECT
        person_id,
        max(sessions) AS sessions
    FROM runs
    GROUP BY person_id
)
SELECT
    attendance.person_id,
    attendance.session::VARCHAR AS session,
    attendance.delivery,
    attendance.expected::INTEGER AS expected,
    attendance.attended,
    attendance.engagement,
    CASE
        WHEN longest.sessions IS NULL THEN 'none'
        WHEN longest.sessions >= 3 THEN '3 or more'
        ELSE longest.sessions::VARCHAR
    END AS missed_in_a_row
FROM attendance
LEFT JOIN longest USING (person_id)
