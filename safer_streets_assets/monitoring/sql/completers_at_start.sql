-- One row a participant whose programme has ended and scale with a score at the start. No pseudonym is
-- among the columns.
SELECT
    scores.scale,
    scores.score,
    ends.result
FROM research.attitude_scores AS scores
INNER JOIN research.programme_ends AS ends USING (person_id)
WHERE scores.wave = 1 AND scores.score IS NOT NULL AND ends.result <> 'goes on'
ORDER BY scores.row_order
