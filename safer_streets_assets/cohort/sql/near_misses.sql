-- CRNs that are one slip away from exactly one of the source of people, and contradicted by nothing. Needs
-- `known_rows`, its latest rows, and `linking_rows`, those of every other source with CRNs. Filled in from the
-- policy: where what both rows state differs, and the names of what is the same.

-- CRNs with one character masked, to find those that differ in one.
CREATE OR REPLACE TEMP TABLE masked_crns AS
SELECT crn, is_known, place, crn[:place - 1] || '?' || crn[place + 1:] AS masked
FROM (
    SELECT crn, true AS is_known FROM known_rows
    UNION
    SELECT crn, false FROM linking_rows WHERE crn NOT IN (SELECT crn FROM known_rows)
) AS crns, unnest(range(1, length(crn) + 1)) AS places(place);

CREATE OR REPLACE TEMP TABLE one_slip_away AS
WITH slips AS (
    SELECT sent.crn AS crn_sent, meant.crn AS crn_meant
    FROM masked_crns AS sent
    JOIN masked_crns AS meant USING (place, masked)
    WHERE NOT sent.is_known AND meant.is_known
    UNION
    SELECT sent.crn, meant.crn
    FROM masked_crns AS sent
    JOIN (SELECT DISTINCT crn FROM known_rows) AS meant
        ON meant.crn = sent.crn[:place - 1] || sent.crn[place + 1] || sent.crn[place] || sent.crn[place + 2:]
    WHERE NOT sent.is_known AND place < length(sent.crn)
)
SELECT crn_sent, any_value(crn_meant) AS crn_meant
FROM slips
GROUP BY crn_sent
HAVING count(*) = 1;

-- Each row with a near-miss CRN beside each row of the CRN that may be meant. What one side does not
-- state contradicts nothing.
CREATE OR REPLACE TEMP TABLE compared_rows AS
SELECT
    slip.crn_sent,
    slip.crn_meant,
    linking.source,
    linking.row_id,
    coalesce(
        {differs}
            OR linking.first_date < known.begins,
        false
    ) AS is_contradicted,
    list_filter(
        [
            {same},
            CASE WHEN linking.first_date >= known.begins THEN 'order of dates' END
        ],
        lambda fact: fact IS NOT NULL
    ) AS facts
FROM one_slip_away AS slip
JOIN linking_rows AS linking ON linking.crn = slip.crn_sent
JOIN known_rows AS known ON known.crn = slip.crn_meant;

-- A near miss: every row with the CRN fits some row of the one that may be meant.
SELECT
    crn_sent,
    crn_meant,
    list_sort(list_distinct(list(source))) AS sources,
    count(*) AS row_count,
    list_sort(list_distinct(flatten(list(facts)))) AS agrees_on
FROM (
    SELECT
        crn_sent,
        crn_meant,
        source,
        row_id,
        bool_and(is_contradicted) AS is_contradicted,
        flatten(list(facts) FILTER (NOT is_contradicted)) AS facts
    FROM compared_rows
    GROUP BY crn_sent, crn_meant, source, row_id
)
GROUP BY crn_sent, crn_meant
HAVING NOT bool_or(is_contradicted)
ORDER BY crn_sent;
