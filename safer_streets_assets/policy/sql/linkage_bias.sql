-- One row a row of CRC's spreadsheet and characteristic: what the row says of it, and whether the row
-- links to nobody.
WITH cases AS (
    SELECT
        source,
        (link_result = 'not linked')::INTEGER AS unlinked,
        gender,
        age_band,
        borough,
        offence,
        delivery
    FROM research.row_links
    WHERE source = 'crc_eligibility'
)
SELECT source, unlinked, 'gender' AS characteristic, gender AS category FROM cases
UNION ALL
SELECT source, unlinked, 'age band', age_band FROM cases
UNION ALL
SELECT source, unlinked, 'borough', borough FROM cases
UNION ALL
SELECT source, unlinked, 'offence', offence FROM cases
UNION ALL
SELECT source, unlinked, 'delivery', delivery FROM cases
