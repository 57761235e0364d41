-- One row a person and stage that they reached.
SELECT
    stages.stage,
    cohort.person_id,
    cohort.month,
    cohort.district,
    cohort.sex
FROM research.linked_cohort AS cohort
INNER JOIN funnel_stages AS stages ON cohort.stage_number >= stages.stage_number
