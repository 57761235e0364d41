-- The rows that do not stand for their identity, with the fields in which they differ from the one
-- that does.
INSERT INTO {name}_problems
WITH typed AS (
    SELECT row_number, {typed} FROM {good}
),
repeated AS (
    SELECT *, row_number() OVER (PARTITION BY {identity} ORDER BY row_number {order}) AS place
    FROM typed
    QUALIFY count(*) OVER (PARTITION BY {identity}) > 1
)
SELECT row_number, problems, [{reason}] AS reasons
FROM (
    SELECT typed.row_number, list_filter([{differing}], lambda p: p IS NOT NULL) AS problems
    FROM repeated AS typed
    JOIN repeated AS stands USING ({identity})
    WHERE typed.place > 1 AND stands.place = 1
)
WHERE len(problems) > 0
