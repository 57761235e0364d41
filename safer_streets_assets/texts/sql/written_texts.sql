-- What people wrote in a field: of each row of the conformed table, beside its place in the drops.
SELECT
    {person} AS person_id,
    {crn} AS crn_key,
    concat_ws(' ', {reference}) AS reference,
    latest.{field}::VARCHAR AS text
FROM conformed_rows AS conformed
JOIN latest USING (drop_order, file_row)
WHERE trim(latest.{field}::VARCHAR) <> ''
ORDER BY person_id, reference, text
