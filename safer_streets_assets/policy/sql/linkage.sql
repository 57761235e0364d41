-- One row a conformed row of a source that links to the cohort: whether its person is in it, and whether
-- that is a participant, who is eligible and on CRC's spreadsheet.
SELECT
    linkable.source,
    CASE
        WHEN cohort.person_id IS NULL THEN 'not linked'
        WHEN cohort.derived = 'not eligible' THEN 'linked and not eligible'
        WHEN cohort.crc_decision = 'not on spreadsheet' THEN 'linked and not on spreadsheet'
        ELSE 'linked'
    END AS link_result
FROM (
    SELECT 'crc_eligibility' AS source, person_id FROM research.programme_cases
    UNION ALL
    SELECT 'ors_attendee_survey', person_id FROM research.attendee_responses
    UNION ALL
    SELECT 'ors_facilitator_checkin', person_id FROM research.facilitator_checkins
) AS linkable
LEFT JOIN research.linked_cohort AS cohort USING (person_id)
