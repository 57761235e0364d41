-- What somebody was told of and still stands, through each channel. Keys are hashes; no text is kept.
CREATE TABLE IF NOT EXISTS registers.alerts_told (
    alert_key  VARCHAR NOT NULL,    -- hash of what it is about, and in which state
    kind       VARCHAR NOT NULL,    -- what it is: a kind of the policy's alerts
    channel    VARCHAR NOT NULL,    -- email, webhook, file
    told_at    TIMESTAMP NOT NULL,  -- when it was told last, UTC
    PRIMARY KEY (alert_key, channel)
);
