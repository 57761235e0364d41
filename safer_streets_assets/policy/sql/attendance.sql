-- One row a person with a start date and session: whether the person should have reached it, which is so
-- when CRC counts that many sessions or a check-in of it or a later one is there, and attended it.
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
)
SELECT
    furthest.person_id,
    sessions.session::VARCHAR AS session,
    furthest.delivery,
    (furthest.session >= sessions.session)::INTEGER AS expected,
    coalesce(visits.attended, 0) AS attended,
    visits.engagement
FROM furthest
CROSS JOIN programme_sessions AS sessions
LEFT JOIN visits ON visits.person_id = furthest.person_id AND visits.session = sessions.session
