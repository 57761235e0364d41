-- Rows of a source that were set aside and that no later drop has put right. Filled in from the
-- policy: the typed value of each agreed field, the identity of a row, and when it can be read.

-- Every row of the source, loaded or set aside, typed.
CREATE OR REPLACE TEMP TABLE sent_rows AS
WITH as_sent AS (
    SELECT drop_id, row_number, true AS is_loaded, NULL AS problems, NULL AS fields_sent, {columns}
    FROM restricted.{raw_table}
    UNION ALL
    SELECT
        aside.drop_id,
        aside.row_number,
        false,
        aside.problems,
        json_keys(aside.values_sent),
        {columns_set_aside}
    FROM restricted.set_aside_rows AS aside
    {spellings}
    WHERE aside.source = {source} AND NOT list_contains(aside.reasons, {erased_person})
)
SELECT
    drop_id,
    drop_order,
    row_number,
    is_loaded,
    problems,
    list_transform(problems, lambda p: p.field) AS wrong,
    fields_sent,
    {is_readable} AS is_readable,
    [{identity}] AS identity,
    {typed}
FROM (SELECT * FROM as_sent) AS as_sent
JOIN restricted.drop_order USING (drop_id);

-- The rows set aside; in doubt are those whose identity, or the row as a whole, breaks a rule.
CREATE OR REPLACE TEMP TABLE set_aside AS
SELECT
    *,
    NOT is_readable OR wrong IS NULL OR len(list_filter(wrong, lambda f: f IS NULL)) > 0
        OR list_has_any(wrong, {identity_fields}) AS is_in_doubt,
    len(list_filter(problems, lambda p: p.reason = {repeated})) > 0 AS is_repeated
FROM sent_rows
WHERE NOT is_loaded;

-- 1. A later drop has a row of the same identity: loaded, it puts this one right; set aside again,
-- it takes its place. So does a row further down in its own file, unless the two contradict each
-- other and the file's rule chose between them.
CREATE OR REPLACE TEMP TABLE followed AS
SELECT DISTINCT earlier.drop_id, earlier.row_number
FROM set_aside AS earlier
JOIN sent_rows AS later USING (identity)
WHERE
    earlier.is_readable AND later.is_readable
    AND (
        later.drop_order > earlier.drop_order
        OR (
            later.drop_id = earlier.drop_id
            AND later.row_number > earlier.row_number
            AND later.is_loaded
            AND NOT earlier.is_repeated
        )
    );

-- 2. A later drop is a re-send of the drop of a row in doubt: it has most of the identities that
-- the earlier drop loaded. What is still wrong stands among the later drop's own rows.
CREATE OR REPLACE TEMP TABLE sent_again AS
WITH loaded AS (
    SELECT DISTINCT drop_id, drop_order, identity
    FROM sent_rows
    WHERE is_loaded AND drop_id IN (SELECT drop_id FROM set_aside WHERE is_in_doubt)
),
readable AS (
    SELECT DISTINCT drop_id, drop_order, identity FROM sent_rows WHERE is_readable
),
sizes AS (
    SELECT drop_id, count(*) AS identities FROM loaded GROUP BY drop_id
)
SELECT DISTINCT drop_id
FROM (
    SELECT loaded.drop_id, later.drop_id AS later_drop, count(*) AS found
    FROM loaded
    JOIN readable AS later USING (identity)
    WHERE later.drop_order > loaded.drop_order
    GROUP BY loaded.drop_id, later.drop_id
) AS shared
JOIN sizes USING (drop_id)
WHERE 2 * found > identities;

-- 3. A later drop has, loaded, a row that is the same but for the values that broke a rule, under an
-- identity that the earlier drop did not have: the corrected row came back alone. Rows are found by a
-- hash of the fields that are compared, since each row in doubt beside each other one would take long.
CREATE OR REPLACE TEMP TABLE corrected AS
WITH in_doubt AS (
    SELECT *, [{compared}] AS compared
    FROM set_aside
    WHERE
        is_in_doubt
        AND len(list_filter(wrong, lambda f: f IS NOT NULL)) > 0
        AND drop_id NOT IN (SELECT drop_id FROM sent_again)
),
earlier_rows AS (
    SELECT *, hash(list_where([{hashes}], compared)) AS compared_hash FROM in_doubt
),
later_rows AS (
    SELECT *, hash(list_where(hashes, compared)) AS compared_hash
    FROM (SELECT *, [{hashes}] AS hashes FROM sent_rows WHERE is_loaded)
    CROSS JOIN (SELECT DISTINCT compared FROM in_doubt)
)
SELECT DISTINCT earlier.drop_id, earlier.row_number
FROM earlier_rows AS earlier
JOIN later_rows AS later USING (compared, compared_hash)
WHERE
    later.drop_order > earlier.drop_order
    AND {same_otherwise}
    AND NOT EXISTS (
        SELECT 1 FROM sent_rows AS own
        WHERE own.is_loaded AND own.drop_id = earlier.drop_id AND own.identity = later.identity
    );

-- What is left: one line for each value that breaks a rule of an agreed field, in the order of the
-- drops.
WITH waiting AS (
    SELECT drop_id, row_number, drop_order
    FROM set_aside
    ANTI JOIN followed USING (drop_id, row_number)
    ANTI JOIN corrected USING (drop_id, row_number)
    WHERE NOT (is_in_doubt AND drop_id IN (SELECT drop_id FROM sent_again))
),
problems AS (
    SELECT
        drop_id,
        row_number,
        drop_order,
        values_sent,
        unnest(coalesce(
            problems,
            list_transform(reasons, lambda r: struct_pack(field := NULL::VARCHAR, reason := r))
        )) AS problem
    FROM waiting
    JOIN restricted.set_aside_rows USING (drop_id, row_number)
)
SELECT
    drop_id,
    drops.arrived_at,
    row_number,
    problem.field,
    problem.reason,
    json_extract_string(values_sent, '$."' || problem.field || '"') AS value_sent,
    drops.position_date,
    drops.saved_at,
    drops.sheet_number
FROM problems
JOIN restricted.loaded_drops AS drops USING (drop_id)
WHERE problem.field IS NULL OR list_contains({agreed}, problem.field)
ORDER BY drop_order, row_number, problem.field NULLS FIRST, problem.reason;
