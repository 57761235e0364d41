-- What redacting keeps in the restricted store.

-- Words that were masked as names in what people wrote: they stay masked when the name itself is no
-- longer held, as after an erasure of the person named.
CREATE TABLE IF NOT EXISTS restricted.masked_words (
    source   VARCHAR NOT NULL,   -- The source of the text
    crn_key  VARCHAR,            -- The CRN of the row (direct identifier); missing where it is anonymous
    word_id  VARCHAR NOT NULL    -- Opaque: a keyed hash of the field and the word
);
