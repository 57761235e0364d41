-- How many people of each borough reached each stage?
SELECT *
FROM v_funnel_by_borough
