-- What the review of near-miss CRNs keeps in the restricted store.

-- CRNs that link to nobody and are one slip away from exactly one CRN that NPS sent: made anew by
-- every run.
CREATE TABLE IF NOT EXISTS restricted.near_misses (
    near_miss_id  VARCHAR PRIMARY KEY,   -- Opaque name: a keyed hash of the two CRNs
    crn_sent      VARCHAR NOT NULL,      -- The CRN that links to nobody (direct identifier)
    crn_meant     VARCHAR NOT NULL,      -- The one CRN of NPS one slip away (direct identifier)
    sources       VARCHAR[] NOT NULL,    -- The sources it was sent in
    row_count     BIGINT NOT NULL,       -- Rows with it, the latest version of each
    agrees_on     VARCHAR[] NOT NULL     -- What the rows of both CRNs state alike
);

-- CRNs that an operator decided are another one, mistyped. In force until withdrawn.
CREATE TABLE IF NOT EXISTS restricted.accepted_links (
    near_miss_id  VARCHAR NOT NULL,
    crn_sent      VARCHAR NOT NULL,
    crn_meant     VARCHAR NOT NULL,
    accepted_by   VARCHAR NOT NULL,      -- to the operating system
    accepted_at   TIMESTAMP NOT NULL,    -- UTC
    withdrawn_by  VARCHAR,
    withdrawn_at  TIMESTAMP
);
