-- What is compared to estimate missed links: cases of CRC and people of NPS, one row a person and
-- disposal, in the same columns. CRNs are not among them, but for those that link, which tell how true
-- links look (`label`). Filled in from the policy: how a source tells of a name, and of the rest.
CREATE OR REPLACE TEMP TABLE {table} AS
WITH read AS (
    SELECT
        row_number() OVER (ORDER BY crn, {dated}) AS unique_id,
        crn,
        regexp_replace(lower(strip_accents({name})), '[^a-z, ]', '', 'g') AS name_sent,
        {born} AS born,
        {gender} AS gender,
        {borough} AS borough,
        {offence} AS offence,
        {dated}::DATE::VARCHAR AS sentenced
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
    born::DATE::VARCHAR AS born,
    gender,
    borough,
    offence,
    sentenced
FROM read;
