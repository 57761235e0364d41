-- Adds what was kept beside the rows, and beside releases, before the layout had a version: when a file was saved, the field of each problem, the sheets of a workbook, the proof's tables.

ALTER TABLE restricted.set_aside_rows
    ADD COLUMN IF NOT EXISTS problems STRUCT(field VARCHAR, reason VARCHAR)[];

-- Of drops from before that was kept it is not known when their file was saved: 0.
ALTER TABLE restricted.arrivals ADD COLUMN IF NOT EXISTS saved_at BIGINT DEFAULT 0;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS saved_at BIGINT DEFAULT 0;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS stated_position DATE;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS sheet_number INTEGER;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS guidance_sheets INTEGER[];
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS guidance_rows BIGINT[];

-- A list of witnesses was all that 0.1.0 kept of a release: no whole table that they move, and not
-- who was alone in a cell (null: not known). The next release finds its own.
UPDATE restricted.release_secrets
SET witnesses = '{"counts": [], "moves": [], "witnesses": [], "alone": null, "tabulated": []}'
WHERE json_type(witnesses) = 'ARRAY';
