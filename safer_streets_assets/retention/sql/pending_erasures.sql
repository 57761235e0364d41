-- Erasures that were begun: written before the first byte goes, removed with the certificate, so
-- that one that was interrupted is finished. No personal data: fingerprints are hashes of random
-- keys, and of names under a key that is destroyed when the erasure is done.
CREATE TABLE IF NOT EXISTS registers.pending_erasures (
    certificate_id    VARCHAR PRIMARY KEY,
    holding           VARCHAR NOT NULL,
    store             VARCHAR NOT NULL,
    what              VARCHAR NOT NULL,
    rule              VARCHAR NOT NULL,
    due_on            DATE NOT NULL,
    begun_at          TIMESTAMP NOT NULL,
    files             BIGINT NOT NULL,
    bytes             BIGINT NOT NULL,
    row_count         BIGINT,
    key_fingerprints  VARCHAR[] NOT NULL,  -- SHA-256 of each key that is destroyed
    name_fingerprint  VARCHAR              -- keyed hash of the file name that is erased
);
