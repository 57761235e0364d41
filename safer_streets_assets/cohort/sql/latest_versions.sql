-- The versions of each row of a source, and which one wins. Filled in from the policy: the typed
-- value of each agreed field, the identity of a row, and the fields that may enter research.

-- Every loaded row, typed, with the pseudonym of the person, its recency within its identity (1 wins)
-- and whether it repeats the version before it. In an identity the person stands for the CRN, so that
-- a CRN accepted as another one makes no second version of the same row.
CREATE OR REPLACE TEMP TABLE row_versions AS
WITH typed AS (
    SELECT drop_order, row_number AS file_row, {person}::VARCHAR AS person_id, {typed}
    FROM (SELECT * FROM restricted.{raw_table} WHERE NOT ({left_out})) AS raw
    JOIN restricted.drop_order USING (drop_id)
),
compared AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY {identity} ORDER BY drop_order DESC, file_row DESC
        ) AS recency,
        row_number() OVER (PARTITION BY {identity} ORDER BY drop_order, file_row) AS version,
        row({names}) IS NOT DISTINCT FROM lag(row({names})) OVER (
            PARTITION BY {identity} ORDER BY drop_order, file_row
        ) AS same_as_before,
        drop_order = max(drop_order) OVER () AS in_latest_drop
    FROM typed
)
SELECT * FROM compared;

-- The winners. Views, because a million rows would not fit into the memory of the stores again.
CREATE OR REPLACE TEMP VIEW latest AS
SELECT * FROM row_versions WHERE recency = 1;

-- The winners without the fields that identify, numbered in the order of their identity.
CREATE OR REPLACE TEMP VIEW minimal AS
SELECT {number}, {minimal} FROM latest;
