-- People who started, with whether check-ins and CRC's spreadsheet say the same number of sessions.
SELECT
    person_id,
    coalesce(visits.sessions, 0) = cohort.sessions_attended AS agrees
FROM research.linked_cohort AS cohort
LEFT JOIN (
    SELECT
        person_id,
        count(DISTINCT session) FILTER (attended) AS sessions
    FROM research.facilitator_checkins
    GROUP BY person_id
) AS visits USING (person_id)
WHERE cohort.start_date IS NOT NULL
