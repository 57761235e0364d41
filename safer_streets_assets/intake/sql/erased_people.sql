-- CRNs of people who were erased at their request, as hashes under a key of their own: a row about one
-- of them that arrives later is set aside without a value of it.
CREATE TABLE IF NOT EXISTS restricted.erased_people (
    mark       VARCHAR PRIMARY KEY,
    erased_at  TIMESTAMP NOT NULL   -- UTC
);
