-- Which release is this, and when was it made?
SELECT release_id, number, made_at, invented
FROM "release"
