-- One row a response of a person in the linked cohort.
SELECT
    responses.wave,
    responses.status
FROM research.attendee_responses AS responses
INNER JOIN research.linked_cohort AS cohort USING (person_id)
