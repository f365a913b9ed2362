-- When a pattern became slower, as a number, to find those that did so in the same days.
ALTER TABLE pattern ADD COLUMN slower_since_us INTEGER;
UPDATE pattern
SET slower_since_us
    = CAST(strftime('%s', json_extract(regression, '$[0].changed_at')) AS INTEGER) * 1000000
WHERE regression IS NOT NULL;
CREATE INDEX pattern_slower_since ON pattern (slower_since_us) WHERE slower_since_us IS NOT NULL;
CREATE INDEX pattern_seen ON pattern (last_seen_us, first_seen_us);

-- All changes of a pattern's own time and of its waiting (see domain/timeline.py), where it has any.
CREATE TABLE pattern_timeline (
    pattern_no INTEGER PRIMARY KEY REFERENCES pattern,
    payload BLOB NOT NULL
);

-- Which patterns write a table: all that can have changed it. Patterns of older imports come in
-- with the next import that holds them.
CREATE TABLE table_writer (
    table_key TEXT NOT NULL,
    pattern_no INTEGER NOT NULL REFERENCES pattern,
    PRIMARY KEY (table_key, pattern_no)
) WITHOUT ROWID;

-- A table's figures whenever an import brought other ones than the import before, and until when
-- later imports brought the same.
CREATE TABLE table_snapshot (
    table_key TEXT NOT NULL,
    schema_key TEXT NOT NULL,
    database_key TEXT NOT NULL,
    taken_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (table_key, schema_key, database_key, taken_us)
);

-- ANALYZE, VACUUM and what Redshift did to a table by itself.
CREATE TABLE table_event (
    table_key TEXT NOT NULL,
    schema_key TEXT NOT NULL,
    database_key TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (table_key, schema_key, database_key, at_us, kind)
) WITHOUT ROWID;
