-- One row a response.
SELECT
    person_id,
    wave,
    status
FROM research.attendee_responses
