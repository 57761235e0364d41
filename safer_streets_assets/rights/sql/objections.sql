-- Objections of people to the use of their data, beside the CRN: the register has the same random id
-- and no CRN. Decided by an operator; until then, and afterwards, nothing happens to rows by itself.
CREATE TABLE IF NOT EXISTS restricted.objections (
    objection_id  VARCHAR PRIMARY KEY,
    crn_key       VARCHAR NOT NULL,
    received_on   DATE NOT NULL,
    due_on        DATE NOT NULL,
    decision      VARCHAR,               -- upheld, refused
    reasons       VARCHAR,
    decided_by    VARCHAR,               -- to the operating system
    decided_at    TIMESTAMP,             -- UTC
    recorded_by   VARCHAR NOT NULL,
    recorded_at   TIMESTAMP NOT NULL
);
