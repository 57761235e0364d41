-- One row a person with a start date: whether check-ins say that the person attended as many sessions as
-- CRC's spreadsheet counts.
SELECT
    cohort.person_id,
    cohort.delivery,
    CASE
        WHEN coalesce(visits.sessions, 0) = cohort.sessions_attended THEN 'as many'
        WHEN visits.sessions > cohort.sessions_attended THEN 'more check-ins'
        ELSE 'fewer check-ins'
    END AS checkins
FROM research.linked_cohort AS cohort
LEFT JOIN (
    SELECT
        person_id,
        count(DISTINCT session) FILTER (attended) AS sessions
    FROM research.facilitator_checkins
    GROUP BY person_id
) AS visits USING (person_id)
WHERE cohort.start_date IS NOT NULL
