-- One row a person on CRC's spreadsheet and characteristic that NPS and CRC both state: whether what they
-- say differs.
SELECT
    person_id,
    characteristic,
    differs::INTEGER AS differs
FROM research.source_conflicts
