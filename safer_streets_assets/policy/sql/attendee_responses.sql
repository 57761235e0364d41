-- The survey of attendees: one row a response, as in the latest export that has it. Items keep
-- their missing codes. The portal's response id is replaced by a number; free text stays behind.
SELECT
    drop_order,
    file_row,
    person_id,
    identity_number AS response_number,
    * EXCLUDE (drop_order, file_row, person_id, identity_number, in_latest_drop),
    NOT in_latest_drop AS not_in_latest
FROM minimal
ORDER BY response_number
