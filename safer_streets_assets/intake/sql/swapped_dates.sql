-- Different dates of a column that a program made of texts (in a workbook they are read as ISO; in a text
-- they stand as ISO or with the name of the month), their latest day of a month, different texts in
-- figures, and their first day.
WITH dates AS (
    SELECT DISTINCT {column} AS date_text
    FROM staged
),
days AS (
    SELECT
        CASE
            WHEN regexp_matches(date_text, '^\d{{4}}-\d{{2}}-\d{{2}}') THEN date_text[9:10]::INTEGER
            WHEN regexp_matches(date_text, '^\d{{1,2}}[- ][A-Za-z]{{3}}')
                THEN regexp_extract(date_text, '^\d{{1,2}}')::INTEGER
        END AS true_day,
        CASE
            WHEN regexp_matches(date_text, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2}}')
                THEN regexp_extract(date_text, '^\d{{1,2}}')::INTEGER
        END AS text_day
    FROM dates
)
SELECT count(true_day), max(true_day), count(text_day), min(text_day)
FROM days
