-- How many of those who should have reached a session attended it?
SELECT CAST(session AS INTEGER) AS session, n_expected, n_attended,
    round(100 * n_attended / n_expected) AS percent_attended
FROM attendance_by_session
WHERE delivery = 'Total'
ORDER BY 1
