-- MTC Novo's anonymised case studies: what they are about; the summaries stay behind.
SELECT
    drop_order,
    file_row,
    reference,
    respondent,
    theme
FROM latest
ORDER BY reference
