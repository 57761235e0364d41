-- The place of drops among all of their source, later ones last: what the later one says, holds.
-- Filled in are the drops, the sources whose drops each stand for a whole (snapshots), and how many
-- nanoseconds lie at most between files that were copied together.
--
-- Drops stand in the order in which they arrived, then by the position that the file states, then by
-- when the file was saved, never by name. A snapshot that states an older position than one that
-- is there stands before that one, whenever it arrives. A file that states no position is of the latest
-- position stated before it.
-- Files that were copied together have the times of the copy, which say nothing of when each was made: among
-- them the months of their rows go first, as long as all of them have one.
WITH times AS (
    SELECT
        *,
        coalesce(
            saved_at - lag(saved_at) OVER (
                PARTITION BY source, arrived_at ORDER BY saved_at, drop_id
            ) > {together},
            true
        ) AS begins
    FROM {drops}
),
copies AS (
    SELECT
        *,
        count(*) FILTER (WHERE begins) OVER (
            PARTITION BY source, arrived_at ORDER BY saved_at, drop_id
        ) AS copy,
        coalesce(
            stated_position,
            max(stated_position) OVER (
                PARTITION BY source
                ORDER BY arrived_at, saved_at, drop_id
                ROWS UNBOUNDED PRECEDING
            )
        ) AS stands_for
    FROM times
),
months AS (
    SELECT
        *,
        CASE
            WHEN bool_and(position_date IS NOT NULL) OVER (PARTITION BY source, arrived_at, copy)
                THEN date_trunc('month', position_date)
        END AS row_month
    FROM copies
)
SELECT
    *,
    row_number() OVER (
        PARTITION BY source
        ORDER BY
            CASE WHEN list_contains({snapshots}, source) THEN stands_for END NULLS FIRST,
            arrived_at,
            stands_for NULLS FIRST,
            copy,
            row_month,
            saved_at,
            drop_id
    ) AS drop_order
FROM months
