-- How many people reached each stage: the funnel before protection.
SELECT
    stages.stage,
    count(cohort.person_id) AS n
FROM funnel_stages AS stages
LEFT JOIN research.linked_cohort AS cohort ON cohort.stage_number >= stages.stage_number
GROUP BY stages.stage, stages.stage_number
ORDER BY stages.stage_number
