-- One row a person who started and block of sessions that they came to: whether they left in it, and
-- whether they are in it and their programme goes on.
SELECT
    ends.person_id,
    blocks.session_block,
    (ends.result = 'left' AND ends.session <= blocks.last_session)::INTEGER AS has_left,
    (ends.result = 'goes on' AND ends.session <= blocks.last_session)::INTEGER AS goes_on
FROM research.programme_ends AS ends
INNER JOIN session_blocks AS blocks ON ends.session >= blocks.first_session
