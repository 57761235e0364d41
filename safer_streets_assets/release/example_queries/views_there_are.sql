-- Which views are there, and what does each show?
SELECT view_name, comment
FROM duckdb_views()
WHERE NOT internal AND database_name = current_database()
ORDER BY view_name
