-- The accountability registers. No personal data on offenders: texts are general words, refused when
-- they hold a CRN or a known name. Times are in UTC, days are those of the evaluation's time zone.

-- Breaches of personal data.
CREATE TABLE IF NOT EXISTS registers.breaches (
    breach_id    VARCHAR PRIMARY KEY,
    detected_at  TIMESTAMP NOT NULL,
    what         VARCHAR NOT NULL,
    lessons      VARCHAR,
    closed_at    TIMESTAMP,
    recorded_by  VARCHAR NOT NULL,    -- to the operating system
    recorded_at  TIMESTAMP NOT NULL,
    severity     VARCHAR,             -- of the policy
    assessed_by  VARCHAR,             -- to the operating system
    assessed_at  TIMESTAMP
);

-- How severe each breach was seen to be: a line each time. The newest stands with the breach, too.
CREATE TABLE IF NOT EXISTS registers.breach_assessments (
    breach_id    VARCHAR NOT NULL,
    severity     VARCHAR NOT NULL,    -- of the policy
    assessed_by  VARCHAR NOT NULL,    -- to the operating system
    assessed_at  TIMESTAMP NOT NULL
);

-- To whom a breach was escalated, and when.
CREATE TABLE IF NOT EXISTS registers.breach_escalations (
    breach_id     VARCHAR NOT NULL,
    escalated_to  VARCHAR NOT NULL,   -- a role of the policy
    escalated_at  TIMESTAMP NOT NULL,
    recorded_by   VARCHAR NOT NULL,
    recorded_at   TIMESTAMP NOT NULL
);

-- Who has to hear of a breach, until when, and whether they did or why not. The due time is as the
-- policy was when the breach was recorded.
CREATE TABLE IF NOT EXISTS registers.breach_clocks (
    breach_id    VARCHAR NOT NULL,
    clock        VARCHAR NOT NULL,
    told         VARCHAR NOT NULL,
    due_at       TIMESTAMP NOT NULL,
    reported_at  TIMESTAMP,
    not_reported_because  VARCHAR,
    decided_by   VARCHAR,
    decided_at   TIMESTAMP,
    PRIMARY KEY (breach_id, clock)
);

-- What agencies asked for that are no party to the evaluation (police, courts, other authorities).
CREATE TABLE IF NOT EXISTS registers.agency_requests (
    request_id     VARCHAR PRIMARY KEY,
    received_on    DATE NOT NULL,
    asked_by       VARCHAR NOT NULL,  -- the agency
    asked_for      VARCHAR NOT NULL,
    legal_gateway  VARCHAR NOT NULL,
    decision       VARCHAR,           -- disclosed, disclosed in part, refused, withdrawn
    decided_role   VARCHAR,           -- role of who decided
    reasons        VARCHAR,
    disclosed      VARCHAR,
    closed_at      TIMESTAMP,
    recorded_by    VARCHAR NOT NULL,
    recorded_at    TIMESTAMP NOT NULL
);

-- Reviews of the DPIA; one with actions is closed when these are done.
CREATE TABLE IF NOT EXISTS registers.dpia_reviews (
    review_id    VARCHAR PRIMARY KEY,
    held_on      DATE NOT NULL,
    held_by      VARCHAR NOT NULL,    -- role
    outcome      VARCHAR NOT NULL,
    actions      VARCHAR,
    closed_at    TIMESTAMP,
    recorded_by  VARCHAR NOT NULL,
    recorded_at  TIMESTAMP NOT NULL
);

-- Contacts of the parties: roles and work addresses of staff.
CREATE TABLE IF NOT EXISTS registers.contacts (
    contact_id   VARCHAR PRIMARY KEY,
    party        VARCHAR NOT NULL,
    rank         VARCHAR NOT NULL,    -- primary, secondary
    role         VARCHAR NOT NULL,
    work_address VARCHAR NOT NULL,
    since        DATE NOT NULL,
    closed_at    TIMESTAMP,
    recorded_by  VARCHAR NOT NULL,
    recorded_at  TIMESTAMP NOT NULL
);

-- Requests of people in the data, under a random id: no CRN, and nothing made from one.
CREATE TABLE IF NOT EXISTS registers.rights_requests (
    request_id   VARCHAR PRIMARY KEY,
    kind         VARCHAR NOT NULL,    -- subject access, objection
    received_on  DATE NOT NULL,
    due_on       DATE NOT NULL,
    extended_because  VARCHAR,
    written_at   TIMESTAMP,           -- when the bundle was written last
    outcome      VARCHAR,
    closed_at    TIMESTAMP,
    recorded_by  VARCHAR NOT NULL,
    recorded_at  TIMESTAMP NOT NULL
);
