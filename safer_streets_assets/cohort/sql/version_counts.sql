-- How the versions of a source's rows resolved.
SELECT
    (SELECT coalesce(sum(rows_read), 0) FROM restricted.loaded_drops WHERE source = $source) AS rows_read,
    (SELECT count(*) FROM restricted.set_aside_rows WHERE source = $source) AS set_aside,
    (SELECT count(*) FROM row_versions WHERE version > 1 AND same_as_before) AS duplicates,
    (SELECT count(*) FROM row_versions WHERE version > 1 AND NOT same_as_before) AS corrections,
    (SELECT count(*) FROM research.{table}) AS conformed
