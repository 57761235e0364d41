-- How many people changed reliably on each scale?
SELECT *
FROM v_reliable_change
