-- What there is to say of CRNs: those that link to nobody or were reviewed, one row a source and CRN;
-- people whom NPS sent under two CRNs, one row each CRN; and rows set aside because their CRN is
-- malformed, one row each, which are nobody's. Of a source that sends all of its rows again each time,
-- the rows of its last drop. Needs `known_rows`, `linking_rows` and `near_miss_states`.
WITH last_drops AS (
    SELECT source, arg_max(drop_id, drop_order) AS drop_id
    FROM restricted.loaded_drops
    JOIN restricted.drop_order USING (drop_id)
    GROUP BY source
)
SELECT DISTINCT
    sent.source,
    people.person_id,
    CASE states.state
        WHEN 'open' THEN 'near miss, not decided'
        WHEN 'accepted' THEN 'near miss, accepted'
        WHEN 'rejected' THEN 'near miss, rejected'
        ELSE 'unknown'
    END AS finding
FROM linking_rows AS sent
JOIN restricted.person_pseudonyms AS people ON people.crn_key = sent.crn
LEFT JOIN near_miss_states AS states ON states.crn_sent = sent.crn
WHERE sent.crn NOT IN (SELECT crn FROM known_rows)
UNION ALL
SELECT {people_source}, people.person_id, 'same name and date of birth as another'
FROM (
    SELECT DISTINCT
        crn,
        count(DISTINCT crn) OVER (PARTITION BY full_name, date_of_birth) AS crns
    FROM known_rows
    WHERE full_name <> '' AND date_of_birth IS NOT NULL
) AS known
JOIN restricted.person_pseudonyms AS people ON people.crn_key = known.crn
WHERE known.crns > 1
UNION ALL
SELECT aside.source, NULL, 'malformed'
FROM restricted.set_aside_rows AS aside
LEFT JOIN last_drops USING (source)
WHERE
    list_contains(aside.reasons, {malformed})
    AND (aside.source NOT IN ({cumulative}) OR aside.drop_id = last_drops.drop_id)
ORDER BY ALL
