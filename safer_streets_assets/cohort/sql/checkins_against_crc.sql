-- Reconciles check-ins with CRC's spreadsheet: people who started, by whether both say the same
-- number of sessions attended.
SELECT
    count(*) FILTER (coalesce(visits.sessions, 0) = cohort.sessions_attended) AS agree,
    count(*) FILTER (coalesce(visits.sessions, 0) <> cohort.sessions_attended) AS differ
FROM research.linked_cohort AS cohort
LEFT JOIN (
    SELECT
        person_id,
        count(DISTINCT session) FILTER (attended) AS sessions
    FROM research.facilitator_checkins
    GROUP BY person_id
) AS visits USING (person_id)
WHERE cohort.start_date IS NOT NULL
