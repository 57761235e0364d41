-- True dates of a column (a workbook's are read as ISO) and their latest day of a month; texts as
-- dd/mm/yyyy and their first.
WITH days AS (
    SELECT
        CASE WHEN regexp_matches({column}, '^\d{{4}}-\d{{2}}-\d{{2}}') THEN {column}[9:10]::INTEGER END AS true_day,
        CASE
            WHEN regexp_matches({column}, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}')
                THEN regexp_extract({column}, '^\d{{1,2}}')::INTEGER
        END AS text_day
    FROM staged
)
SELECT count(true_day), max(true_day), count(text_day), min(text_day)
FROM days
