-- The linked cohort: one row a person NPS sent, at the first eligible disposal (the first disposal
-- when none is eligible), with the CRC case of the same person and the funnel's stages. Filled in from
-- the policy: the gender of the source that is believed.
WITH judged AS (
    SELECT
        cases.*,
        (
            cases.age_at_disposal >= $minimum_age
            AND cases.offence_code IN (SELECT offence_code FROM offences_in_scope)
            AND coalesce(opening.opens <= cases.disposal_date, false)
        ) AS is_eligible
    FROM research.court_cases AS cases
    LEFT JOIN opening_dates AS opening ON opening.borough = cases.borough
),
first_disposal AS (
    SELECT *
    FROM judged
    QUALIFY row_number() OVER (
        PARTITION BY person_id ORDER BY is_eligible DESC, disposal_date, offence_code
    ) = 1
),
-- Linked on the person alone; of several cases, the one sentenced on the disposal date, else nearest.
matched AS (
    SELECT
        disposal.*,
        programme.sentence_date,
        programme.gender AS crc_gender,
        programme.assigned,
        programme.reason_not_assigned,
        programme.one_to_one,
        programme.reason_one_to_one,
        programme.start_date,
        programme.sessions_attended,
        programme.outcome,
        programme.outcome_date,
        programme.not_in_latest,
        programme.person_id IS NOT NULL AS on_spreadsheet
    FROM first_disposal AS disposal
    LEFT JOIN research.programme_cases AS programme USING (person_id)
    QUALIFY row_number() OVER (
        PARTITION BY disposal.person_id
        ORDER BY abs(date_diff('day', disposal.disposal_date, programme.sentence_date)), programme.sentence_date
    ) = 1
),
-- Each stage is a subset of the one before; the number is the furthest stage reached.
staged AS (
    SELECT
        *,
        CASE
            WHEN NOT is_eligible THEN 1
            WHEN NOT on_spreadsheet THEN 2
            WHEN NOT assigned THEN 3
            WHEN start_date IS NULL THEN 4
            WHEN coalesce(sessions_attended, 0) < $midpoint_sessions THEN 5
            WHEN coalesce(outcome, '') <> 'Completed' THEN 6
            ELSE 7
        END AS stage_number
    FROM matched
)
SELECT
    person_id,
    disposal_date,
    strftime(disposal_date, '%Y-%m') AS month,
    borough,
    {gender} AS gender,
    age_at_disposal,
    (
        SELECT bands.age_band
        FROM age_bands AS bands
        WHERE bands.lower_bound <= staged.age_at_disposal
        ORDER BY bands.lower_bound DESC
        LIMIT 1
    ) AS age_band,
    offence_code AS offence,
    court,
    resulting_sentence AS sentence,
    CASE WHEN is_eligible THEN 'eligible' ELSE 'not eligible' END AS derived,
    CASE
        WHEN NOT on_spreadsheet THEN 'not on spreadsheet'
        WHEN assigned THEN 'assigned'
        ELSE 'not assigned'
    END AS crc_decision,
    coalesce(reason_not_assigned, 'Not recorded') AS reason_not_assigned,
    coalesce(one_to_one, false) AS one_to_one,
    coalesce(reason_one_to_one, 'Not recorded') AS reason_one_to_one,
    CASE
        WHEN NOT coalesce(assigned, false) THEN 'Not assigned'
        WHEN one_to_one THEN 'One-to-one'
        ELSE 'Group'
    END AS delivery,
    sentence_date,
    start_date,
    date_diff('day', disposal_date, start_date) AS days_to_start,
    coalesce(sessions_attended, 0) AS sessions_attended,
    coalesce(outcome, 'Not recorded') AS outcome,
    outcome_date,
    coalesce(not_in_latest, false) AS not_in_latest_spreadsheet,
    stage_number,
    (SELECT stages.stage FROM funnel_stages AS stages WHERE stages.stage_number = staged.stage_number)
        AS stage_reached
FROM staged
ORDER BY person_id
