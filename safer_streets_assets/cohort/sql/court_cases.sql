-- Court outcomes: one row a disposal, the latest version of it. The date of birth becomes an age.
SELECT
    person_id,
    disposal_date,
    offence_code,
    gender,
    date_diff('year', date_of_birth, disposal_date)
        - CASE
            WHEN (month(disposal_date), day(disposal_date)) < (month(date_of_birth), day(date_of_birth))
                THEN 1
            ELSE 0
        END AS age_at_disposal,
    borough,
    offender_management_team,
    offence_description,
    proposed_sentence,
    resulting_sentence,
    court
FROM latest
ORDER BY person_id, disposal_date, offence_code
