-- One row a person and model that they are in: whether what the model is of came about, and what may go
-- with it. Not assigned is of participants; attrition of those who started and whose programme has ended,
-- and completion of those who were assigned and whose programme has ended. Before they are assigned people
-- have no delivery. No pseudonym is among the columns.
WITH people AS (
    SELECT
        * REPLACE (
            coalesce(borough, 'Not recorded') AS borough,
            coalesce(court, 'Not recorded') AS court
        ),
        outcome <> 'Not recorded' AND NOT list_contains($goes_on::VARCHAR[], outcome) AS has_ended
    FROM research.linked_cohort
    WHERE stage_number >= $participants
)
SELECT
    model.model,
    CASE model.model
        WHEN 'not assigned' THEN stage_number < $assigned
        WHEN 'attrition' THEN outcome <> 'Completed'
        ELSE outcome = 'Completed'
    END AS happened,
    age_band,
    gender,
    borough,
    offence,
    court,
    CASE WHEN model.model <> 'not assigned' THEN delivery END AS delivery
FROM people
INNER JOIN (VALUES ('not assigned'), ('attrition'), ('completion')) AS model (model)
    ON
        model.model = 'not assigned'
        OR (model.model = 'attrition' AND stage_number >= $started AND has_ended)
        OR (model.model = 'completion' AND stage_number >= $assigned AND has_ended)
ORDER BY ALL
