-- The drops of a source that come before a drop in the order of drops, the latest first.
-- Filled in are the drops that are loaded and the one in question, in order.
WITH ordered AS ({ordered})
SELECT drop_id
FROM ordered
WHERE drop_order < (SELECT drop_order FROM ordered WHERE drop_id = $drop_id)
ORDER BY drop_order DESC
LIMIT $how_many
