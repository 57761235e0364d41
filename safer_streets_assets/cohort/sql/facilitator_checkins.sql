-- Facilitators' check-ins: one row a person and session visit, the latest version of it.
SELECT
    drop_order,
    file_row,
    person_id,
    session,
    session_date,
    attended = 'Yes' AS attended,
    engagement,
    delivery
FROM minimal
ORDER BY person_id, session, session_date
