-- Adds what intake kept beside the rows before the layout had a version: the field of each problem, and the sheets of a workbook.

ALTER TABLE restricted.set_aside_rows
    ADD COLUMN IF NOT EXISTS problems STRUCT(field VARCHAR, reason VARCHAR)[];
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS stated_position DATE;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS sheet_number INTEGER;
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS guidance_sheets INTEGER[];
ALTER TABLE restricted.loaded_drops ADD COLUMN IF NOT EXISTS guidance_rows BIGINT[];
