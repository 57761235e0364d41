-- By how much did scores change from start to end? (A change, not an impact.)
SELECT scale_label, n_paired, mean_change, ci_low, ci_high, g_av, reading, mean_change_marker
FROM attitude_change_labelled
WHERE comparison = 'start-end' AND group_name = 'Total'
