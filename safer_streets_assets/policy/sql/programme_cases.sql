-- CRC's spreadsheet: one row a case, as in the latest workbook that has it. A case that is no
-- longer in the latest workbook is kept and flagged. The date of birth becomes an age.
SELECT
    * EXCLUDE (in_latest_drop) REPLACE (
        assigned = 'Yes' AS assigned,
        coalesce(one_to_one = 'Yes', false) AS one_to_one
    ),
    NOT in_latest_drop AS not_in_latest
FROM (
    SELECT
        drop_order,
        file_row,
        person_id,
        in_latest_drop,
        whole_years(date_of_birth, sentence_date) AS age_at_sentence,
        {kept}
    FROM latest
)
ORDER BY person_id, sentence_date
