-- How many people sentenced in each month (or quarter) have started?
SELECT month, n, n_marker
FROM funnel_by_month
WHERE stage = 'started' AND month <> 'Total'
ORDER BY month
