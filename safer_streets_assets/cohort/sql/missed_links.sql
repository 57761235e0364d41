-- What is compared to estimate missed links: cases, or people, one row of their source each, in the
-- same columns. CRNs are not among them, but for those that link, which tell how true links look
-- (`label`). Filled in from the policy: how a source tells of a name, and of the rest.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH read AS (
    SELECT
        row_number() OVER (ORDER BY crn, {dated}) AS unique_id,
        crn,
        regexp_replace(lower(strip_accents({name})), '[^a-z, ]', '', 'g') AS name_sent,
        {compared},
        {dated}::DATE::VARCHAR AS day
    FROM latest
)
SELECT
    unique_id,
    crn,
    NULL::VARCHAR AS label,
    nullif(trim(
        CASE
            WHEN contains(name_sent, ',') THEN split_part(name_sent, ',', 1)
            ELSE regexp_extract(trim(name_sent), '([a-z]+)$', 1)
        END
    ), '') AS surname,
    nullif(trim(
        CASE
            WHEN contains(name_sent, ',') THEN split_part(trim(split_part(name_sent, ',', 2)), ' ', 1)
            WHEN contains(trim(name_sent), ' ') THEN split_part(trim(name_sent), ' ', 1)
        END
    ), '') AS forename,
    {columns},
    day
FROM read;
