-- How much of each table is hidden?
SELECT table_name, cells, suppressed, verdict
FROM suppression_summary
ORDER BY suppressed DESC, table_name
