-- One row a source and CRN that links to nobody or was reviewed, or a row set aside for a malformed CRN.
SELECT
    source,
    finding
FROM research.crn_findings
WHERE
    finding <> 'same name and date of birth as another'
    AND source IN ('nps_court_outcomes', 'crc_eligibility', 'ors_attendee_survey', 'ors_facilitator_checkin')
