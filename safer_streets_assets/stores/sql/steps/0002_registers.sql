-- Adds what tables of the registers got before the layout had a version: columns, and the times of breaches assessed.

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
