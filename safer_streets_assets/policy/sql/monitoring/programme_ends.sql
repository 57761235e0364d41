-- One row a person of the linked cohort who was assigned and started: the session at which they were
-- last, and how that ended. Whoever has attended s sessions is at session s + 1, which they leave before,
-- or come to; after the last session people are still at the last. An outcome that is not recorded has
-- not ended the programme. Whoever completed came through every session, also when CRC counts fewer.
SELECT
    person_id,
    CASE
        WHEN outcome = 'Completed' THEN 'completed'
        WHEN outcome = 'Not recorded' OR list_contains($goes_on::VARCHAR[], outcome) THEN 'goes on'
        ELSE 'left'
    END AS result,
    CASE
        WHEN outcome = 'Completed' THEN $programme_sessions
        ELSE least(sessions_attended + 1, $programme_sessions)
    END::INTEGER AS session
FROM research.linked_cohort
WHERE stage_number >= $started
ORDER BY person_id
