-- Referrals: one row a person and day.
SELECT
    drop_order,
    file_row,
    person_id,
    whole_years(born_on, referred_on) AS age_at_referral,
    {kept}
FROM latest
ORDER BY person_id, referred_on
