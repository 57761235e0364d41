-- One row a person with a start date: whether check-ins say that the person attended as many sessions as
-- CRC's spreadsheet counts. The check checkins_agree_with_crc reads it, too.
SELECT
    cohort.person_id,
    cohort.delivery,
    coalesce(visits.sessions, 0) = cohort.sessions_attended AS agrees,
    CASE
        WHEN agrees THEN 'as many'
        ELSE 'more or fewer'
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
