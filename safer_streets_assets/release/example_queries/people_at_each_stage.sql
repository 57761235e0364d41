-- How many people reached each stage, and what share of the stage before is that?
SELECT stage, n, n_marker, conversion, conversion_low, conversion_high
FROM funnel
