-- Adds what tables of the registers got before the layout had a version: columns, the chain of certificates, the times of breaches assessed.

-- By what its sender knows a file whose rows break rules, and which source found them.
ALTER TABLE registers.refused_rows ADD COLUMN IF NOT EXISTS position_date DATE;
ALTER TABLE registers.refused_rows ADD COLUMN IF NOT EXISTS saved_at BIGINT;
ALTER TABLE registers.refused_rows ADD COLUMN IF NOT EXISTS sheet_number INTEGER;
ALTER TABLE registers.refused_rows ADD COLUMN IF NOT EXISTS source VARCHAR;
UPDATE registers.refused_rows SET source = drops.source FROM registers.drops AS drops
WHERE refused_rows.source IS NULL AND drops.drop_id = refused_rows.drop_id;

-- Where what is not as expected lies.
ALTER TABLE registers.expectation_results ADD COLUMN IF NOT EXISTS
    drops STRUCT(drop_id VARCHAR, source VARCHAR, "rows" BIGINT, first_rows BIGINT[])[];

-- The chain of certificates, and who answers for each and verified it. Certificates stay as they are.
ALTER TABLE registers.deletion_certificates ADD COLUMN IF NOT EXISTS number BIGINT;
ALTER TABLE registers.deletion_certificates ADD COLUMN IF NOT EXISTS previous_hash VARCHAR;
ALTER TABLE registers.deletion_certificates ADD COLUMN IF NOT EXISTS hash VARCHAR;
ALTER TABLE registers.deletion_certificates ADD COLUMN IF NOT EXISTS role VARCHAR;
ALTER TABLE registers.deletion_certificates ADD COLUMN IF NOT EXISTS verified_by VARCHAR;

-- Certificates from before there was a chain become its beginning, in the order of their time. The
-- hash is that of `line_hash`: of a list in JSON, with a blank after each comma.
CREATE TABLE IF NOT EXISTS registers.certificate_chain (
    certificates  BIGINT NOT NULL,
    hash          VARCHAR NOT NULL
);
UPDATE registers.deletion_certificates SET number = chained.number,
    previous_hash = chained.previous_hash, hash = chained.hash
FROM (
    WITH RECURSIVE facts AS (
        SELECT certificate_id,
            row_number() OVER (ORDER BY erased_at, holding, certificate_id) AS number,
            array_to_string([
                to_json(certificate_id)::VARCHAR, to_json(holding)::VARCHAR,
                to_json(store)::VARCHAR, to_json(what)::VARCHAR, to_json(rule)::VARCHAR,
                to_json(due_on::VARCHAR)::VARCHAR, to_json(erased_at::VARCHAR)::VARCHAR,
                files::VARCHAR, bytes::VARCHAR, coalesce(row_count::VARCHAR, 'null'),
                to_json(method)::VARCHAR, to_json(verification)::VARCHAR,
                to_json(not_reached)::VARCHAR
            ], ', ') AS listed
        FROM registers.deletion_certificates
        WHERE (SELECT count(*) FROM registers.certificate_chain) = 0
            AND (SELECT count(number) FROM registers.deletion_certificates) = 0
    ),
    chain AS (
        SELECT NULL::VARCHAR AS certificate_id, 0::BIGINT AS number, NULL::VARCHAR AS previous_hash,
            repeat('0', 64) AS hash
        UNION ALL
        SELECT facts.certificate_id, facts.number, chain.hash,
            sha256('[' || facts.number || ', "' || chain.hash || '", ' || facts.listed || ']')
        FROM chain JOIN facts ON facts.number = chain.number + 1
    )
    SELECT * FROM chain WHERE number > 0
) AS chained
WHERE deletion_certificates.certificate_id = chained.certificate_id;
INSERT INTO registers.certificate_chain
SELECT number, hash FROM registers.deletion_certificates
WHERE (SELECT count(*) FROM registers.certificate_chain) = 0 AND hash IS NOT NULL
ORDER BY number DESC LIMIT 1;

-- How severe a breach is. Of one that was assessed before each time was kept, the last time is known.
CREATE TABLE IF NOT EXISTS registers.breach_assessments (
    breach_id    VARCHAR NOT NULL,
    severity     VARCHAR NOT NULL,
    assessed_by  VARCHAR NOT NULL,
    assessed_at  TIMESTAMP NOT NULL
);
ALTER TABLE registers.breaches ADD COLUMN IF NOT EXISTS severity VARCHAR;
ALTER TABLE registers.breaches ADD COLUMN IF NOT EXISTS assessed_by VARCHAR;
ALTER TABLE registers.breaches ADD COLUMN IF NOT EXISTS assessed_at TIMESTAMP;
INSERT INTO registers.breach_assessments
SELECT breach_id, severity, assessed_by, assessed_at
FROM registers.breaches
WHERE severity IS NOT NULL AND breach_id NOT IN (SELECT breach_id FROM registers.breach_assessments);

-- What the newest release was made of: forgotten, so that the next run makes the research store anew.
DELETE FROM registers.brought_up_to_date;
