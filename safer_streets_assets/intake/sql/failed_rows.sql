-- Rows that a check found, by the drop they came in, earliest first: how many, and their first numbers.
SELECT
    found.drop_id,
    found.source,
    count(DISTINCT found.row_number) AS row_count,
    list_sort(list(DISTINCT found.row_number))[:{first_rows}] AS first_rows
FROM ({rows}) AS found
LEFT JOIN restricted.loaded_drops AS loaded USING (drop_id)
GROUP BY found.drop_id, found.source
ORDER BY min(loaded.arrived_at), found.drop_id
LIMIT {most_drops}
