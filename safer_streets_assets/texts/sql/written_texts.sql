-- What people wrote in a field: of each row of the conformed table, beside its place in the drops.
SELECT
    {person} AS person_id,
    {crn} AS crn_key,
    concat_ws(' ', {reference}) AS reference,
    drops.drop_id,
    latest.{field}::VARCHAR AS text
FROM conformed_rows AS conformed
JOIN latest USING (drop_order, file_row)
JOIN (
    -- Each source has an order of its own.
    SELECT drop_order, drop_id
    FROM restricted.drop_order JOIN restricted.loaded_drops USING (drop_id)
    WHERE source = {source}
) AS drops USING (drop_order)
WHERE trim(latest.{field}::VARCHAR) <> ''
ORDER BY person_id, reference, text, drop_id
