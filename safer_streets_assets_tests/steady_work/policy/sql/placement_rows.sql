-- Placements: one row a person, as in the last workbook that has them.
SELECT
    drop_order,
    file_row,
    person_id,
    * EXCLUDE (drop_order, file_row, person_id, identity_number, in_latest_drop)
    REPLACE (coalesce(in_work = 'Yes', false) AS in_work),
    NOT in_latest_drop AS not_in_latest
FROM minimal
ORDER BY person_id
