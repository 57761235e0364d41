-- The place of drops among all of their source, later ones last: what the later one says, holds.
-- Filled in are the drops, and the sources whose drops each stand for a whole (snapshots).
--
-- Drops stand in the order in which they arrived, then by the position that the file states, then by
-- when the file was saved, never by name. A snapshot that states an older position than one that
-- is there stands before that one, whenever it arrives. A file that states no position is of the latest
-- position stated before it.
SELECT
    *,
    row_number() OVER (
        PARTITION BY source
        ORDER BY
            CASE WHEN list_contains({snapshots}, source) THEN stands_for END NULLS FIRST,
            arrived_at,
            stands_for NULLS FIRST,
            saved_at,
            drop_id
    ) AS drop_order
FROM (
    SELECT
        *,
        coalesce(
            stated_position,
            max(stated_position) OVER (
                PARTITION BY source
                ORDER BY arrived_at, saved_at, drop_id
                ROWS UNBOUNDED PRECEDING
            )
        ) AS stands_for
    FROM {drops}
)
