-- What there is to say of CRNs: near misses, one row a source and CRN, with the rows under it; people whom
-- NPS sent under two CRNs, one row each CRN; and rows set aside because their CRN is malformed, one
-- row each, which are nobody's. Of a source that sends all of its rows again each time, those of its
-- last drop. Needs `known_rows`, `linking_rows` and `near_miss_states`.
WITH last_drops AS (
    SELECT source, arg_max(drop_id, drop_order) AS drop_id
    FROM restricted.loaded_drops
    JOIN restricted.drop_order USING (drop_id)
    GROUP BY source
),
same_people AS (
    SELECT full_name, {certain}
    FROM known_rows
    WHERE full_name <> ''
    GROUP BY full_name, {certain}
    HAVING count(DISTINCT crn) > 1
)
SELECT
    sent.source,
    people.person_id,
    states.finding,
    count(*) AS row_count
FROM linking_rows AS sent
JOIN near_miss_states AS states ON states.crn_sent = sent.crn
JOIN restricted.person_pseudonyms AS people ON people.crn_key = sent.crn
GROUP BY sent.source, people.person_id, states.finding
UNION ALL
SELECT
    {people_source},
    people.person_id,
    {same_person},
    count(*)
FROM same_people
JOIN known_rows AS known USING (full_name, {certain})
JOIN restricted.person_pseudonyms AS people ON people.crn_key = known.crn
GROUP BY people.person_id
UNION ALL
SELECT aside.source, NULL, 'malformed', 1
FROM restricted.set_aside_rows AS aside
LEFT JOIN last_drops USING (source)
WHERE
    list_contains(aside.reasons, {malformed})
    AND (aside.source NOT IN ({cumulative}) OR aside.drop_id = last_drops.drop_id)
ORDER BY ALL
