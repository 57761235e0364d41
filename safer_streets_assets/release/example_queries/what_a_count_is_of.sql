-- What does each count of each table count?
SELECT table_name, column_name, unit, description
FROM data_dictionary
WHERE unit IS NOT NULL
