-- One row a person with a community sentence and RAR whom CRC did not assign.
SELECT
    borough,
    reason_not_assigned AS reason
FROM research.linked_cohort
WHERE derived = 'eligible' AND crc_decision = 'not assigned'
