-- When did the programme open in each borough, and how many people have started there?
SELECT roll_out.borough, roll_out.opened, started.n, started.n_marker
FROM roll_out
LEFT JOIN funnel_by_borough AS started
    ON started.borough = roll_out.borough AND started.stage = 'started'
ORDER BY roll_out.opened, roll_out.borough
