-- What intake keeps in the restricted store beside the raw tables.

-- Where the drops lie that are being taken in; a line goes when its file is gone from the landing.
CREATE TABLE IF NOT EXISTS restricted.arrivals (
    drop_id     VARCHAR NOT NULL,    -- SHA-256 of the bytes of the drop
    source      VARCHAR NOT NULL,    -- Source in whose folder the file lies, or unknown
    path        VARCHAR PRIMARY KEY, -- Where the file lies, in hexadecimal; may name a person
    arrived_at  TIMESTAMP NOT NULL,  -- When the run that took it in first saw it, UTC
    saved_at    BIGINT NOT NULL      -- When the file was saved, in ns since 1970
);

-- Drops whose rows are in the raw tables: written in the same transaction as the rows.
CREATE TABLE IF NOT EXISTS restricted.loaded_drops (
    drop_id          VARCHAR PRIMARY KEY,
    source           VARCHAR NOT NULL,
    arrived_at       TIMESTAMP NOT NULL,
    saved_at         BIGINT NOT NULL,
    position_date    DATE,
    format           VARCHAR NOT NULL,
    rows_read        BIGINT NOT NULL,
    rows_loaded      BIGINT NOT NULL,
    dropped_headers  VARCHAR[] NOT NULL,  -- columns outside the agreement: their names, no values
    stated_position  DATE,                -- the position that the file itself states; NULL where it states none that is believed
    sheet_number     INTEGER,             -- the number of the sheet that was read, from 1: its sender is told where a row stands
    guidance_sheets  INTEGER[],           -- numbers of sheets with the agreed columns that were left out as guidance; NULL where there is none
    guidance_rows    BIGINT[]             -- how many rows each of them has
);

-- Rows that break a rule, as sent.
CREATE TABLE IF NOT EXISTS restricted.set_aside_rows (
    drop_id      VARCHAR NOT NULL,
    source       VARCHAR NOT NULL,
    row_number   BIGINT NOT NULL,
    reasons      VARCHAR[] NOT NULL,
    values_sent  JSON NOT NULL,
    problems     STRUCT(field VARCHAR, reason VARCHAR)[], -- which field breaks which rule; NULL from before this was kept
    PRIMARY KEY (drop_id, row_number)
);

-- Drops that were quarantined or refused: the name each came under, to be able to ask for it again.
CREATE TABLE IF NOT EXISTS restricted.quarantined_drops (
    drop_id    VARCHAR PRIMARY KEY,
    file_name  VARCHAR NOT NULL
);

-- The key under which the registers name texts that perhaps name somebody: one row. It goes with the
-- store, and then nobody can tell what was decided on.
CREATE TABLE IF NOT EXISTS restricted.name_question_key (
    key  VARCHAR NOT NULL
);
