-- Answers: one row a response.
SELECT
    drop_order,
    file_row,
    person_id,
    identity_number AS response_number,
    * EXCLUDE (drop_order, file_row, person_id, identity_number, in_latest_drop),
    NOT in_latest_drop AS not_in_latest
FROM minimal
ORDER BY response_number
