-- Facilitators' check-ins: one row a person and session visit, the latest version of it.
SELECT
    person_id,
    * EXCLUDE (person_id, identity_number, in_latest_drop) REPLACE (attended = 'Yes' AS attended)
FROM minimal
ORDER BY person_id, session, session_date
