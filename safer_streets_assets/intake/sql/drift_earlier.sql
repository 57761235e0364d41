-- The drops of a source that come before a drop in the order of drops, the latest first.
SELECT drop_id
FROM restricted.loaded_drops
WHERE
    source = $source
    AND drop_id <> $drop_id
    AND (arrived_at, coalesce(position_date, DATE '0001-01-01'), saved_at, drop_id)
        < (
            $arrived_at::TIMESTAMP,
            coalesce($position_date::DATE, DATE '0001-01-01'),
            $saved_at::BIGINT,
            $drop_id
        )
ORDER BY arrived_at DESC, position_date DESC NULLS LAST, saved_at DESC, drop_id DESC
LIMIT $how_many
