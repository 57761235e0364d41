-- The counts of what was masked, by source and kind.
INSERT INTO research.redaction_counts
SELECT
    source,
    kind,
    count(*) AS texts,
    count(*) FILTER (masked > 0) AS with_it,
    sum(masked)::BIGINT AS masked
FROM (
    UNPIVOT (
        SELECT source, names, crns, e_mails, postcodes, phones, births, addresses, in_doubt
        FROM research.redacted_texts
    )
    ON names, crns, e_mails, postcodes, phones, births, addresses, in_doubt
    INTO NAME kind VALUE masked
)
GROUP BY source, kind
ORDER BY source, kind;
