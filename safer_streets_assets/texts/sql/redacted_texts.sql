-- What researchers get of free text.

-- Free texts with the identifiers masked in them, of the latest version of each row
CREATE TABLE IF NOT EXISTS research.redacted_texts (
    source     VARCHAR NOT NULL,   -- The source of the text
    field      VARCHAR NOT NULL,   -- The field, as the policy names it
    person_id  VARCHAR,            -- Pseudonym: a keyed hash of the CRN; missing where the source is anonymous
    reference  VARCHAR NOT NULL,   -- Which row of the person or the source it is: see docs/free_text.md
    text       VARCHAR NOT NULL,   -- What was written, with [NAME], [CRN] and so on in place of identifiers
    names      BIGINT NOT NULL,    -- Names masked in it
    crns       BIGINT NOT NULL,    -- Case Reference Numbers masked in it
    e_mails    BIGINT NOT NULL,    -- E-mail addresses masked in it
    postcodes  BIGINT NOT NULL,    -- Postcodes masked in it
    phones     BIGINT NOT NULL,    -- Telephone numbers masked in it
    births     BIGINT NOT NULL,    -- Dates of birth masked in it
    addresses  BIGINT NOT NULL,    -- Lines of addresses masked in it
    in_doubt   BIGINT NOT NULL     -- How many of these are masked in doubt
);

-- How many identifiers were masked in free texts, by source and kind; not protected, so not to be printed
CREATE TABLE IF NOT EXISTS research.redaction_counts (
    source  VARCHAR NOT NULL,   -- The source of the texts
    kind    VARCHAR NOT NULL,   -- Kind of identifier, or in_doubt for those of any kind
    texts   BIGINT NOT NULL,    -- Texts of the source
    with_it BIGINT NOT NULL,    -- Texts in which one or more were masked
    masked  BIGINT NOT NULL     -- How many were masked
);
