-- One row a row of a source whose CRN does not link as it was sent: it links to nobody, it was accepted
-- as another one, or it is malformed and the row set aside.
SELECT
    rows_of_source.source,
    coalesce(found.finding, 'unknown') AS finding
FROM research.row_links AS rows_of_source
LEFT JOIN research.crn_findings AS found
    ON found.source = rows_of_source.source
        AND found.person_id = rows_of_source.person_id
        AND found.finding IN ('near miss, not decided', 'near miss, rejected')
WHERE rows_of_source.link_result = 'not linked'
UNION ALL
SELECT
    found.source,
    found.finding
FROM research.crn_findings AS found
CROSS JOIN unnest(range(found.row_count)) AS of_finding (place)
WHERE
    found.finding IN ('near miss, accepted', 'malformed')
    AND found.source IN ('nps_court_outcomes', 'crc_eligibility', 'ors_attendee_survey', 'ors_facilitator_checkin')
