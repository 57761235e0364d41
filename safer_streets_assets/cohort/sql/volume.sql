-- The rows of a source's last loaded drop in percent of the median of the drops before it; NULL
-- while there are too few of them.
WITH ordered AS (
    SELECT
        rows_read,
        row_number() OVER (
            ORDER BY arrived_at DESC, position_date DESC NULLS LAST, drop_id DESC
        ) AS place
    FROM registers.drops
    WHERE source = $source AND state = 'loaded'
)
SELECT
    CASE
        WHEN count(*) > $earlier_drops
            THEN 100.0 * max(rows_read) FILTER (place = 1)
                / nullif(median(rows_read) FILTER (place BETWEEN 2 AND $earlier_drops + 1), 0)
    END AS percent_of_usual
FROM ordered
