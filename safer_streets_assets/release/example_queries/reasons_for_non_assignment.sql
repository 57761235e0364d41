-- Why were people not assigned?
SELECT reason_label, n, n_marker
FROM non_assignment_labelled
WHERE borough = 'Total' AND reason <> 'Total'
ORDER BY n DESC NULLS LAST, reason
