-- Court outcomes: one row a disposal, the latest version of it. The date of birth becomes an age.
SELECT
    drop_order,
    file_row,
    person_id,
    whole_years(date_of_birth, disposal_date) AS age_at_disposal,
    {kept}
FROM latest
ORDER BY person_id, disposal_date, offence_code
