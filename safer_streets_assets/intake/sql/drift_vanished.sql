-- How many rows, by their identity, an earlier drop has, and how many of them the staged drop lacks.
-- Rows that are set aside are there too.
WITH before AS (
    SELECT DISTINCT {identity}
    FROM restricted.{raw_table}
    WHERE drop_id = $earlier
),
now AS (
    SELECT DISTINCT {identity}
    FROM staged
)
SELECT
    (SELECT count(*) FROM before) AS rows_before,
    (SELECT count(*) FROM (FROM before EXCEPT FROM now)) AS vanished
