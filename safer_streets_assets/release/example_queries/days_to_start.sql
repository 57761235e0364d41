-- How long does it take from disposal to start, by borough?
SELECT borough, n, n_marker, lower_quartile_days, median_days, upper_quartile_days, median_days_marker
FROM time_to_start
ORDER BY borough = 'Total', median_days NULLS LAST, borough
