-- What share of the rows of each source link to the cohort?
SELECT source_label, n, share_of_rows, share_of_rows_low, share_of_rows_high, share_of_rows_marker
FROM linkage_quality_labelled
WHERE link_result = 'linked'
