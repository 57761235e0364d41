-- CRC's spreadsheet: one row a case, as in the latest workbook that has it. A case that is no
-- longer in the latest workbook is kept and flagged.
SELECT
    person_id,
    * EXCLUDE (person_id, identity_number, in_latest_drop) REPLACE (
        assigned = 'Yes' AS assigned,
        coalesce(one_to_one = 'Yes', false) AS one_to_one
    ),
    NOT in_latest_drop AS not_in_latest
FROM minimal
ORDER BY person_id, sentence_date
