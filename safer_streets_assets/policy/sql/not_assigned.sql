-- One row a person whom CRC did not assign.
SELECT
    person_id,
    borough,
    reason_not_assigned AS reason
FROM research.linked_cohort
WHERE crc_decision = 'not assigned'
