-- MTC Novo's anonymised case studies: what they are about; the summaries stay behind.
SELECT * EXCLUDE (person_id, identity_number, in_latest_drop)
FROM minimal
ORDER BY reference
