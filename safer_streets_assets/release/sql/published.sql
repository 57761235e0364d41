-- What stands in published.duckdb beside the published tables themselves.

CREATE TABLE "release" (
    release_id   VARCHAR NOT NULL,
    number       INTEGER NOT NULL,
    made_at      TIMESTAMP NOT NULL,
    code_version VARCHAR NOT NULL,
    policy_hash  VARCHAR NOT NULL,
    drop_ids     VARCHAR[] NOT NULL,
    invented     BOOLEAN NOT NULL
);
COMMENT ON TABLE "release" IS 'The release that this file is of: one row';
COMMENT ON COLUMN "release".release_id IS 'Identity: its number and the first digits of its content hash';
COMMENT ON COLUMN "release".number IS 'Number of the release, from 1';
COMMENT ON COLUMN "release".made_at IS 'When it was made (UTC)';
COMMENT ON COLUMN "release".code_version IS 'Version of the code that made it';
COMMENT ON COLUMN "release".policy_hash IS 'SHA-256 of the policy it was made under';
COMMENT ON COLUMN "release".drop_ids IS 'The drops it rests on, each as a keyed hash: safer-streets drops show finds the drop of one';
COMMENT ON COLUMN "release".invented IS 'Whether any drop is invented: then no figure is of real people';

CREATE TABLE table_index (
    table_name VARCHAR NOT NULL,
    title      VARCHAR NOT NULL,
    population VARCHAR NOT NULL,
    dimensions VARCHAR[] NOT NULL,
    counts     VARCHAR[] NOT NULL,
    threshold  INTEGER NOT NULL,
    release_id VARCHAR NOT NULL,
    source     VARCHAR NOT NULL,
    notes      VARCHAR NOT NULL
);
COMMENT ON TABLE table_index IS 'The published tables: one row a table';
COMMENT ON COLUMN table_index.table_name IS 'Name of the table';
COMMENT ON COLUMN table_index.title IS 'What the table shows';
COMMENT ON COLUMN table_index.population IS 'Who is counted in it';
COMMENT ON COLUMN table_index.dimensions IS 'Its dimension columns, in order';
COMMENT ON COLUMN table_index.counts IS 'Its count columns, in order';
COMMENT ON COLUMN table_index.threshold IS 'The least count above 0 that is printed';
COMMENT ON COLUMN table_index.release_id IS 'The release that this file is of';
COMMENT ON COLUMN table_index.source IS 'Who made the table, and from what';
COMMENT ON COLUMN table_index.notes IS 'What to bear in mind when reading it';

CREATE TABLE data_dictionary (
    table_name  VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    "type"      VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    "values"    VARCHAR,
    unit        VARCHAR
);
COMMENT ON TABLE data_dictionary IS 'Every column of every table: one row a column';
COMMENT ON COLUMN data_dictionary.table_name IS 'Name of the table';
COMMENT ON COLUMN data_dictionary.column_name IS 'Name of the column';
COMMENT ON COLUMN data_dictionary."type" IS 'DuckDB type of the column';
COMMENT ON COLUMN data_dictionary.description IS 'What the column means';
COMMENT ON COLUMN data_dictionary."values" IS 'Its categories or codes with their labels; empty for numbers';
COMMENT ON COLUMN data_dictionary.unit IS 'What a count is of: people, rows, responses, forms ...; empty for other columns';

CREATE TABLE suppression_summary (
    table_name VARCHAR NOT NULL,
    cells      BIGINT NOT NULL,
    suppressed BIGINT NOT NULL,
    verdict    VARCHAR NOT NULL
);
COMMENT ON TABLE suppression_summary IS 'How much of each table is suppressed: one row a table';
COMMENT ON COLUMN suppression_summary.table_name IS 'Name of the table';
COMMENT ON COLUMN suppression_summary.cells IS 'Number of its counts, margins included';
COMMENT ON COLUMN suppression_summary.suppressed IS 'How many of them are suppressed';
COMMENT ON COLUMN suppression_summary.verdict IS 'What attacking the table found: proven safe, else that it is withheld or not made';

CREATE TABLE roll_out (
    borough VARCHAR NOT NULL,
    opened  DATE NOT NULL
);
COMMENT ON TABLE roll_out IS 'The staged roll-out, as the policy has it: one row a borough; nobody is eligible in it before';
COMMENT ON COLUMN roll_out.borough IS 'Borough, as the tables name it';
COMMENT ON COLUMN roll_out.opened IS 'Day on which the programme opened in it';

CREATE TABLE example_queries (
    "name"   VARCHAR NOT NULL,
    question VARCHAR NOT NULL,
    "sql"    VARCHAR NOT NULL
);
COMMENT ON TABLE example_queries IS 'Questions that the tables answer, each with its query: one row a question';
COMMENT ON COLUMN example_queries."name" IS 'Name of the example';
COMMENT ON COLUMN example_queries.question IS 'The question in words';
COMMENT ON COLUMN example_queries."sql" IS 'The query that answers it, as it runs on this file';
