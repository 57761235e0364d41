-- Which layout a store has: a line for each version that it came to, the highest is the one it has.
-- A store without this table has the first. Every store has its own.
CREATE TABLE IF NOT EXISTS registers.layout_versions (
    version  BIGINT PRIMARY KEY  -- The layout, counted from 1
);
