-- How many rows there are, how many of them are filled in each column, and how many have each code.
SELECT
    count(*) AS row_count,
    [{filled}] AS filled,
    [{codes}]::MAP(VARCHAR, UBIGINT)[] AS codes
FROM {rows}
