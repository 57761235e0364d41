-- One row a person of the linked cohort and stage reached: what the funnel tables count.
SELECT
    stages.stage,
    cohort.person_id,
    cohort.month,
    cohort.borough,
    cohort.gender,
    cohort.age_band,
    cohort.offence,
    cohort.court,
    cohort.sentence,
    cohort.derived,
    cohort.crc_decision,
    cohort.delivery,
    cohort.outcome,
    cohort.reason_one_to_one AS reason,
    cohort.days_to_start
FROM research.linked_cohort AS cohort
INNER JOIN funnel_stages AS stages ON cohort.stage_number >= stages.stage_number
