-- The registers: what arrived, what was published, what was erased. No personal data, no file names.

-- One line a drop, under the SHA-256 of its bytes.
CREATE TABLE IF NOT EXISTS registers.drops (
    drop_id          VARCHAR PRIMARY KEY, -- SHA-256 of the bytes of the drop
    source           VARCHAR NOT NULL,    -- Source the drop is of, or unknown
    state            VARCHAR NOT NULL,    -- arrived, loaded, held, released, quarantined, refused or erased
    reason           VARCHAR,             -- Code of the reason when quarantined, refused or held, or of a remark
    sentence         VARCHAR,             -- What the reason means and what to do
    arrived_at       TIMESTAMP NOT NULL,  -- When the run that took it in first saw it, UTC
    decided_at       TIMESTAMP,           -- When its state was decided, UTC
    position_date    DATE,                -- The date the drop says it stands for
    format           VARCHAR,             -- csv, xlsx, xls, ods or sav, by its bytes
    bytes            BIGINT NOT NULL,     -- Size of the file in bytes
    rows_read        BIGINT,              -- Rows read
    rows_loaded      BIGINT,              -- Rows that passed the rules
    rows_set_aside   BIGINT,              -- Rows that break a rule
    columns_dropped  BIGINT               -- Columns outside the agreement, dropped while reading
);

-- The folders of other sources in which the same bytes lay, and why those did not take them in.
CREATE TABLE IF NOT EXISTS registers.drops_elsewhere (
    drop_id     VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,   -- an agreed source, or 'unknown'
    reason      VARCHAR NOT NULL,   -- code of the reason
    decided_at  TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (drop_id, source)
);

-- Each time a drop was sent; send_id is a keyed hash of where and when it lay.
CREATE TABLE IF NOT EXISTS registers.sends (
    drop_id   VARCHAR NOT NULL,
    send_id   VARCHAR PRIMARY KEY,
    seen_at   TIMESTAMP NOT NULL
);

-- Rows set aside, counted by reason. A row with two reasons counts under both.
CREATE TABLE IF NOT EXISTS registers.set_aside_counts (
    drop_id  VARCHAR NOT NULL,
    reason     VARCHAR NOT NULL,
    row_count  BIGINT NOT NULL,
    PRIMARY KEY (drop_id, reason)
);

-- Which rules the rows of a drop break that a source did not take in for too many bad rows, by column:
-- counts and the numbers of the first rows, no values.
CREATE TABLE IF NOT EXISTS registers.refused_rows (
    drop_id        VARCHAR NOT NULL,
    column_name    VARCHAR,            -- NULL when it is about whole rows
    reason         VARCHAR NOT NULL,
    row_count      BIGINT NOT NULL,
    of_rows        BIGINT NOT NULL,
    first_rows     BIGINT[] NOT NULL,  -- as a spreadsheet counts
    position_date  DATE,               -- the date the drop stands for: its sender knows it by that
    saved_at       BIGINT,             -- when the file was saved, in ns since 1970
    sheet_number   INTEGER,            -- the number of the sheet that was read, from 1
    source         VARCHAR             -- who found them: the same bytes may lie in several folders
);

-- Why a drop is, or was, held: shares in whole percent, no counts and no values.
CREATE TABLE IF NOT EXISTS registers.drift_findings (
    drop_id         VARCHAR NOT NULL,
    finding         VARCHAR NOT NULL,  -- code of the reason
    column_name     VARCHAR,           -- NULL when it is about whole rows
    percent_before  INTEGER NOT NULL,
    percent_now     INTEGER NOT NULL
);

-- What operators decided about drops, and who they are to the operating system.
CREATE TABLE IF NOT EXISTS registers.drop_decisions (
    drop_id       VARCHAR NOT NULL,
    decision      VARCHAR NOT NULL,   -- hold, release, refuse, move
    state_before  VARCHAR NOT NULL,
    decided_by    VARCHAR NOT NULL,
    decided_at    TIMESTAMP NOT NULL  -- UTC
);

-- What operators decided about near-miss CRNs, and who they are to the operating system. The id is a
-- keyed hash.
CREATE TABLE IF NOT EXISTS registers.review_decisions (
    near_miss_id  VARCHAR NOT NULL,
    decision      VARCHAR NOT NULL,   -- accepted, rejected, withdrawn
    decided_by    VARCHAR NOT NULL,
    decided_at    TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (near_miss_id, decision, decided_at)
);

-- Versions of the same row in each source, counted when the conformed tables are made.
CREATE TABLE IF NOT EXISTS registers.row_versions (
    source       VARCHAR PRIMARY KEY,
    rows_read    BIGINT NOT NULL,
    set_aside    BIGINT NOT NULL,
    duplicates   BIGINT NOT NULL,  -- identical to the version before
    corrections  BIGINT NOT NULL,  -- differs from the version before; the later one wins
    conformed    BIGINT NOT NULL
);

-- Required fields that were agreed after a drop was loaded: the rows of that drop have no value.
CREATE TABLE IF NOT EXISTS registers.fields_agreed_later (
    source  VARCHAR NOT NULL,
    field   VARCHAR NOT NULL,
    PRIMARY KEY (source, field)
);

-- Texts that are on their list of the policy under no spelling, counted when the conformed tables are
-- made: never a text itself.
CREATE TABLE IF NOT EXISTS registers.unknown_words (
    source       VARCHAR NOT NULL,
    field        VARCHAR NOT NULL,
    texts        BIGINT NOT NULL,  -- different ones
    rows         BIGINT NOT NULL,
    PRIMARY KEY (source, field)
);

-- Texts of anonymous material that perhaps name somebody, by field: no text of them.
CREATE TABLE IF NOT EXISTS registers.uncertain_texts (
    source       VARCHAR NOT NULL,
    field        VARCHAR NOT NULL,
    rows         BIGINT NOT NULL,
    PRIMARY KEY (source, field)
);

-- What operators decided about such texts, and who they are to the operating system. The ids are keyed
-- hashes: of a text with one of its words in doubt, and of a text with all of them.
CREATE TABLE IF NOT EXISTS registers.name_decisions (
    question_id  VARCHAR NOT NULL,
    text_id      VARCHAR NOT NULL,
    drop_id      VARCHAR NOT NULL,   -- where the text first stood
    decision     VARCHAR NOT NULL,   -- accepted (it is a name), refused, withdrawn
    decided_by   VARCHAR NOT NULL,
    decided_at   TIMESTAMP NOT NULL  -- UTC
);

-- What operators decided about quotes, and who they are to the operating system. The id is random, and
-- of the words there is a keyed hash: the words stand in the restricted store alone.
CREATE TABLE IF NOT EXISTS registers.quote_decisions (
    quote_id    VARCHAR NOT NULL,
    decision    VARCHAR NOT NULL,    -- proposed, approved, withdrawn
    source      VARCHAR NOT NULL,
    field       VARCHAR NOT NULL,
    consent     VARCHAR NOT NULL,    -- code of the policy for the consent that was stated
    words_id    VARCHAR NOT NULL,    -- keyed hash of the SHA-256 of the words
    decided_by  VARCHAR NOT NULL,
    decided_at  TIMESTAMP NOT NULL,  -- UTC
    PRIMARY KEY (quote_id, decision)
);

-- Releases, in the order they were made. Everybody may know what any of them prints, whatever became of it.
CREATE TABLE IF NOT EXISTS registers.releases (
    release_id    VARCHAR PRIMARY KEY,
    number        INTEGER NOT NULL,
    made_at       TIMESTAMP NOT NULL,
    content_hash  VARCHAR NOT NULL,
    policy_hash   VARCHAR NOT NULL,
    code_version  VARCHAR NOT NULL
);

-- What became of each release, step by step: one line each time, and none is ever changed or removed. Each
-- line holds the hash of the one before. A release from before this was kept has no line and was published.
CREATE TABLE IF NOT EXISTS registers.release_steps (
    number         BIGINT PRIMARY KEY,  -- place in the chain of steps, from 1
    release_id     VARCHAR NOT NULL,
    step           VARCHAR NOT NULL,    -- built, approved, rejected, superseded, rolled back to, withdrawn, shared
    approval       VARCHAR NOT NULL,    -- what the policy asked for: none or two-person
    by_uid         BIGINT,              -- number of the user of the system; NULL where nobody approved it
    by_user        VARCHAR,             -- the user of the system
    why            VARCHAR,             -- in a line that names nobody
    recipient      VARCHAR,             -- of what was shared: a party of the policy
    basis          VARCHAR,             -- of what was shared: the basis that the policy states
    section        VARCHAR,             -- of what was shared: the section of the DPIA
    files_hash     VARCHAR,             -- of what was shared: SHA-256 of its SHA256SUMS
    happened_at    TIMESTAMP NOT NULL,  -- UTC
    previous_hash  VARCHAR NOT NULL,
    hash           VARCHAR NOT NULL     -- SHA-256 over the hash before and the line without its texts
);

-- At which level of its hierarchy a table stands, chosen with the release that was the first to
-- print a count above zero of it. Shares of its counts above zero that are hidden, and no counts.
CREATE TABLE IF NOT EXISTS registers.table_levels (
    table_name      VARCHAR NOT NULL,
    dimension       VARCHAR NOT NULL,
    level           VARCHAR NOT NULL,   -- the dimension's own name: as it is
    decided_for     INTEGER NOT NULL,   -- number of the release
    hidden_before   DOUBLE NOT NULL,    -- at the finest level
    hidden_after    DOUBLE NOT NULL,    -- at the level chosen
    decided_at      TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (table_name, dimension)
);

-- What the newest release was last brought up to date with: one row.
CREATE TABLE IF NOT EXISTS registers.brought_up_to_date (
    release_id    VARCHAR NOT NULL,
    drops_hash    VARCHAR NOT NULL,   -- SHA-256 over the loaded drops, accepted links and approved quotes
    policy_hash   VARCHAR NOT NULL,
    code_version  VARCHAR NOT NULL,
    happened_at   TIMESTAMP NOT NULL
);

-- How each expectation of a conformed table came out when the suites were last run, on what data.
CREATE TABLE IF NOT EXISTS registers.expectation_results (
    table_name    VARCHAR NOT NULL,
    expectation   VARCHAR NOT NULL,
    passed        BOOLEAN NOT NULL,
    unexpected    BIGINT NOT NULL,    -- rows, columns or drops that are not as expected
    facts_hash    VARCHAR NOT NULL,   -- SHA-256 over drops, tables, policy and version of the code
    happened_at   TIMESTAMP NOT NULL,
    drops         STRUCT(drop_id VARCHAR, source VARCHAR, "rows" BIGINT, first_rows BIGINT[])[], -- where it lies: no values
    PRIMARY KEY (table_name, expectation)
);

-- Reports published: the policy says at which of several the clock of the retention schedule starts.
CREATE TABLE IF NOT EXISTS registers.publications (
    publication_id  VARCHAR PRIMARY KEY,
    title           VARCHAR NOT NULL,
    published_on    DATE NOT NULL,
    recorded_at     TIMESTAMP NOT NULL
);

-- The conclusion of the project, as recorded; the latest line holds.
CREATE TABLE IF NOT EXISTS registers.conclusions (
    concluded_on  DATE NOT NULL,
    decided_by    VARCHAR NOT NULL,   -- a role
    recorded_at   TIMESTAMP NOT NULL  -- UTC
);

-- What was decided about a holding that was listed for assessment; the latest line holds.
CREATE TABLE IF NOT EXISTS registers.holding_decisions (
    holding      VARCHAR NOT NULL,
    decision     VARCHAR NOT NULL,    -- erase, keep
    until        DATE,                -- when kept
    why          VARCHAR NOT NULL,
    decided_by   VARCHAR NOT NULL,    -- a role
    decided_on   DATE NOT NULL,
    recorded_at  TIMESTAMP NOT NULL   -- UTC
);

-- Stages of the evaluation (gates of the policy) that will not go on.
CREATE TABLE IF NOT EXISTS registers.stopped_stages (
    gate         VARCHAR PRIMARY KEY,
    stopped_on   DATE NOT NULL,
    decided_by   VARCHAR NOT NULL,    -- a role
    recorded_at  TIMESTAMP NOT NULL   -- UTC
);

-- Exceptions to the retention schedule: what is kept longer, and until when that is looked at again.
CREATE TABLE IF NOT EXISTS registers.exceptions (
    exception_id  VARCHAR PRIMARY KEY,
    holding       VARCHAR NOT NULL,
    why           VARCHAR NOT NULL,
    least_data    VARCHAR NOT NULL,   -- the least that serves the purpose
    whereabouts   VARCHAR NOT NULL,   -- where it is kept
    decided_by    VARCHAR NOT NULL,   -- a role
    decided_on    DATE NOT NULL,
    review_on     DATE NOT NULL,
    recorded_at   TIMESTAMP NOT NULL, -- UTC
    ended_by      VARCHAR,            -- a role
    ended_on      DATE
);

-- What was recorded and taken back again: one line each time, and none is ever removed. What was
-- taken back stays in its own table, where the same may be recorded anew.
CREATE TABLE IF NOT EXISTS registers.withdrawals (
    kind          VARCHAR NOT NULL,   -- publication, conclusion, decision, stage, erasure
    subject       VARCHAR NOT NULL,   -- id of the publication or erasure, holding, gate
    on_date       DATE NOT NULL,      -- of what was taken back
    decided_by    VARCHAR,            -- of what was taken back: a role
    recorded_at   TIMESTAMP NOT NULL, -- of what was taken back, UTC
    why           VARCHAR NOT NULL,
    withdrawn_by  VARCHAR,            -- a role
    withdrawn_at  TIMESTAMP NOT NULL  -- UTC
);

-- Erasures of one drop or one person that an operator asked for: when, why, and on which day they are
-- carried out. Nothing here says of whom or of what: that lies sealed in the restricted store until
-- the erasure has begun or is taken back (`withdrawals`). The id is that of the certificate.
CREATE TABLE IF NOT EXISTS registers.asked_erasures (
    erasure_id  VARCHAR PRIMARY KEY,  -- random
    kind        VARCHAR NOT NULL,     -- drop, person
    row_count   BIGINT NOT NULL,      -- that would have gone on the day it was asked for
    tables      BIGINT NOT NULL,      -- in which they stood
    why         VARCHAR NOT NULL,
    asked_by    VARCHAR NOT NULL,     -- the user of the system
    asked_at    TIMESTAMP NOT NULL,   -- UTC
    due_on      DATE NOT NULL
);

-- When anything last ran here by the machine's clock, to notice that it jumped: one line.
CREATE TABLE IF NOT EXISTS registers.last_seen (
    line     INTEGER PRIMARY KEY,   -- 1
    seen_at  TIMESTAMP NOT NULL     -- UTC
);

-- Certificates after which Dagster's own history was searched and pruned.
CREATE TABLE IF NOT EXISTS registers.forgotten (
    certificate_id  VARCHAR PRIMARY KEY,
    happened_at     TIMESTAMP NOT NULL -- UTC
);

-- What was erased: which holding, how much, by which rule and method, and whether it was verified.
CREATE TABLE IF NOT EXISTS registers.deletion_certificates (
    certificate_id  VARCHAR PRIMARY KEY, -- Identity of the certificate
    holding         VARCHAR NOT NULL,    -- Holding that was erased
    store           VARCHAR NOT NULL,    -- Store it lay in
    what            VARCHAR NOT NULL,    -- What it was
    rule            VARCHAR NOT NULL,    -- Rule of the retention schedule
    due_on          DATE NOT NULL,       -- When it was due
    erased_at       TIMESTAMP NOT NULL,  -- When it was erased, UTC
    files           BIGINT NOT NULL,     -- Files erased
    bytes           BIGINT NOT NULL,     -- Bytes erased
    row_count       BIGINT,              -- Rows erased, where rows apply
    method          VARCHAR NOT NULL,    -- How it was erased
    verification    VARCHAR NOT NULL,    -- How that was verified
    not_reached     VARCHAR NOT NULL,    -- What erasure cannot reach
    number          BIGINT,              -- Place in the chain of certificates, from 1
    previous_hash   VARCHAR,             -- Hash of the certificate before
    hash            VARCHAR,             -- SHA-256 over number, hash before and every fact
    role            VARCHAR,             -- Role that answers for it; NULL from before this was kept
    verified_by     VARCHAR              -- Program and user that verified it, or who settled it
);

-- Erasures that are done and could not be verified: what their certificate will say, where something
-- was found, and since when it is known. They stand in nobody's way, are tried again by each
-- enforcement, and end with a certificate. No personal data: fingerprints are hashes of keys that are
-- destroyed, and of a name under a key that is destroyed with the last of them.
CREATE TABLE IF NOT EXISTS registers.open_erasures (
    certificate_id    VARCHAR PRIMARY KEY,
    holding           VARCHAR NOT NULL,
    store             VARCHAR NOT NULL,
    what              VARCHAR NOT NULL,
    rule              VARCHAR NOT NULL,
    due_on            DATE NOT NULL,
    begun_at          TIMESTAMP NOT NULL, -- UTC
    files             BIGINT NOT NULL,
    bytes             BIGINT NOT NULL,
    row_count         BIGINT,
    key_fingerprints  VARCHAR[] NOT NULL,
    name_fingerprint  VARCHAR,
    method            VARCHAR NOT NULL,
    not_reached       VARCHAR NOT NULL,
    places            VARCHAR[] NOT NULL, -- a store with table and column, or a folder
    tried_at          TIMESTAMP NOT NULL  -- UTC
);

-- How many certificates are in the chain, and the hash of the last: one row.
CREATE TABLE IF NOT EXISTS registers.certificate_chain (
    certificates  BIGINT NOT NULL,
    hash          VARCHAR NOT NULL
);

-- Facts about the evaluation as a whole, such as when it was closed.
CREATE TABLE IF NOT EXISTS registers.evaluation_events (
    event        VARCHAR PRIMARY KEY,
    happened_at  TIMESTAMP NOT NULL
);
