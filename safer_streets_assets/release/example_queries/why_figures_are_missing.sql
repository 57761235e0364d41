-- How many counts of a table are printed, and why are the others not?
SELECT coalesce(n_marker, 'printed') AS said, count(*) AS cells
FROM funnel_by_borough
GROUP BY said
ORDER BY cells DESC, said
