-- The places in drops of some rows of a conformed table. They are the rows of `conformed_rows`, made
-- anew, that are the same; where none is, those with the same identity.
WITH failed AS (
    SELECT rowid AS row_id, * FROM research.{table} WHERE rowid IN (SELECT row_id FROM failed_rows)
),
same AS (
    SELECT failed.row_id, made.drop_order, made.file_row
    FROM failed
    JOIN conformed_rows AS made ON {same}
),
alike AS (
    SELECT made.drop_order, made.file_row
    FROM (FROM failed ANTI JOIN same USING (row_id)) AS failed
    JOIN conformed_rows AS made ON {alike}
)
SELECT orders.drop_id, {source} AS source, places.file_row AS row_number
FROM (SELECT drop_order, file_row FROM same UNION ALL FROM alike) AS places
JOIN restricted.drop_order AS orders USING (drop_order)
JOIN restricted.loaded_drops AS loaded ON loaded.drop_id = orders.drop_id AND loaded.source = {source}
