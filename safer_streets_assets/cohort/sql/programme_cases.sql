-- CRC's spreadsheet: one row a case, as in the latest workbook that has it. A case that is no
-- longer in the latest workbook is kept and flagged.
SELECT
    drop_order,
    file_row,
    person_id,
    sentence_date,
    gender,
    borough,
    team,
    sentence_type,
    rar_days,
    offence_code,
    assigned = 'Yes' AS assigned,
    reason_not_assigned,
    coalesce(one_to_one = 'Yes', false) AS one_to_one,
    reason_one_to_one,
    start_date,
    sessions_attended,
    outcome,
    outcome_date,
    NOT in_latest_drop AS not_in_latest
FROM minimal
ORDER BY person_id, sentence_date
