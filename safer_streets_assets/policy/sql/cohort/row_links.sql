-- One row a conformed row of a source that links to the cohort: whether its person is in it, and whether
-- that is a participant, who is eligible and on CRC's spreadsheet. Beside it the month of the row and
-- what the row itself says of the person, since nobody else says anything of one who does not link.
WITH linkable AS (
    SELECT
        'crc_eligibility' AS source,
        person_id,
        sentence_date AS happened_on,
        gender,
        borough,
        age_at_sentence AS age,
        offence_code AS offence,
        CASE
            WHEN NOT assigned THEN 'Not assigned'
            WHEN one_to_one THEN 'One-to-one'
            ELSE 'Group'
        END AS delivery
    FROM research.programme_cases
    UNION ALL
    SELECT 'ors_attendee_survey', person_id, interview_start::DATE, NULL, NULL, NULL, NULL, NULL
    FROM research.attendee_responses
    UNION ALL
    SELECT 'ors_facilitator_checkin', person_id, session_date, NULL, NULL, NULL, NULL, NULL
    FROM research.facilitator_checkins
)
SELECT
    linkable.source,
    linkable.person_id,
    strftime(linkable.happened_on, '%Y-%m') AS month,
    CASE
        WHEN cohort.person_id IS NULL THEN 'not linked'
        WHEN cohort.derived = 'not eligible' THEN 'linked and not eligible'
        WHEN cohort.crc_decision = 'not on spreadsheet' THEN 'linked and not on spreadsheet'
        ELSE 'linked'
    END AS link_result,
    linkable.gender,
    linkable.borough,
    (
        SELECT bands.age_band
        FROM age_bands AS bands
        WHERE bands.lower_bound <= linkable.age
        ORDER BY bands.lower_bound DESC
        LIMIT 1
    ) AS age_band,
    linkable.offence,
    linkable.delivery
FROM linkable
LEFT JOIN research.linked_cohort AS cohort USING (person_id)
ORDER BY linkable.source, linkable.person_id, month
