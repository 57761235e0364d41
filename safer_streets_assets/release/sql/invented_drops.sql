-- How many drops of a source hold CRNs of invented people (see demo/crns.py).
WITH crns AS (
    SELECT DISTINCT
        drop_id,
        {crn_key} AS crn,
        regexp_full_match({crn_key}, '[A-Z][0-9]{{6}}')
            AND (ascii({crn_key}) * {numbers} + try_cast(substr({crn_key}, 2) AS BIGINT)) % {modulus} = 0
            AS is_marked
    FROM restricted.{raw_table}
    WHERE {crn_key} IS NOT NULL
),
drops AS (
    SELECT drop_id, count(*) AS crns, count_if(is_marked) AS marked FROM crns GROUP BY drop_id
)
SELECT count(*) FROM drops WHERE marked >= {fewest} AND marked >= {share} * crns
