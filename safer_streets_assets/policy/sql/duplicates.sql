-- One row a rule and what it looks at, and whether that is one more of the same. A person is one more when
-- NPS sent the same name and date of birth under another CRN, too. Of cases, responses and check-ins
-- of a person the first one is not.
SELECT
    'person under another CRN' AS rule,
    (cohort.person_id IN (
        SELECT found.person_id
        FROM research.crn_findings AS found
        WHERE found.finding = 'same name and date of birth as another'
    ))::INTEGER AS repeated
FROM research.linked_cohort AS cohort
UNION ALL
SELECT
    'further case of a person',
    (row_number() OVER (PARTITION BY person_id ORDER BY sentence_date) > 1)::INTEGER
FROM research.programme_cases
UNION ALL
SELECT
    'further response of a person at a wave',
    (row_number() OVER (PARTITION BY person_id, wave ORDER BY interview_start, response_number) > 1)::INTEGER
FROM research.attendee_responses
UNION ALL
SELECT
    'further check-in of a person at a session',
    (row_number() OVER (PARTITION BY person_id, session ORDER BY session_date) > 1)::INTEGER
FROM research.facilitator_checkins
