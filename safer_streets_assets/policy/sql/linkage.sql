-- One row a conformed row of a source that links to the cohort, and whether its person is in it.
SELECT
    linkable.source,
    CASE WHEN cohort.person_id IS NULL THEN 'not linked' ELSE 'linked' END AS link_result
FROM (
    SELECT 'crc_eligibility' AS source, person_id FROM research.programme_cases
    UNION ALL
    SELECT 'ors_attendee_survey', person_id FROM research.attendee_responses
    UNION ALL
    SELECT 'ors_facilitator_checkin', person_id FROM research.facilitator_checkins
) AS linkable
LEFT JOIN research.linked_cohort AS cohort USING (person_id)
