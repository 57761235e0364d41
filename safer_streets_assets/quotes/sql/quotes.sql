-- Quotes: the only place where their words stand before a release prints them.

-- Passages of free texts that operators proposed to be printed, and what was decided about each
CREATE TABLE IF NOT EXISTS restricted.quotes (
    quote_id         VARCHAR PRIMARY KEY,  -- Random; the registers have the same
    source           VARCHAR NOT NULL,     -- The source of the text
    field            VARCHAR NOT NULL,     -- The field, as the policy names it
    crn_key          VARCHAR,              -- The CRN of the row (direct identifier); missing where it is anonymous
    drop_id          VARCHAR NOT NULL,     -- The drop that the text stood in
    text_id          VARCHAR NOT NULL,     -- Opaque: a keyed hash of the text as it was written, and of whose it is
    words            VARCHAR NOT NULL,     -- The exact words, with [NAME] and so on in place of identifiers
    consent          VARCHAR NOT NULL,     -- Code of the policy for the consent that was stated
    proposed_by      VARCHAR NOT NULL,     -- To the operating system
    proposed_number  BIGINT NOT NULL,      -- Number of that user
    proposed_at      TIMESTAMP NOT NULL,   -- UTC
    approved_by      VARCHAR,              -- To the operating system
    approved_number  BIGINT,               -- Number of that user
    approved_at      TIMESTAMP,            -- UTC; from then on releases print it
    approved_hash    VARCHAR,              -- SHA-256 of the words that were approved
    withdrawn_by     VARCHAR,              -- To the operating system
    withdrawn_at     TIMESTAMP             -- UTC; from then on no release prints it
);
