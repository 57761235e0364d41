-- One row a person who was referred, at their first referral.
WITH first_referral AS (
    SELECT *
    FROM research.referral_rows
    QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY referred_on) = 1
),
staged AS (
    SELECT
        referral.person_id,
        referral.referred_on,
        referral.age_at_referral,
        referral.sex,
        referral.district,
        placement.trade,
        CASE
            WHEN placement.person_id IS NULL THEN 1
            WHEN placement.began_on IS NULL THEN 2
            WHEN NOT placement.in_work THEN 3
            ELSE 4
        END AS stage_number
    FROM first_referral AS referral
    LEFT JOIN research.placement_rows AS placement USING (person_id)
)
SELECT
    person_id,
    referred_on,
    strftime(referred_on, '%Y-%m') AS month,
    sex,
    (
        SELECT bands.age_band
        FROM age_bands AS bands
        WHERE bands.lower_bound <= staged.age_at_referral
        ORDER BY bands.lower_bound DESC
        LIMIT 1
    ) AS age_band,
    district,
    trade,
    stage_number,
    (SELECT stages.stage FROM funnel_stages AS stages WHERE stages.stage_number = staged.stage_number)
        AS stage_reached
FROM staged
ORDER BY person_id
