-- Everything that the history keeps. Times are UTC: text of fixed width where people read them
-- in order, microseconds since 1970 where numpy does. A day is the number of days since 1970.

CREATE TABLE note (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- Users, databases, labels and query types, so that figures can hold numbers instead.
CREATE TABLE name (
    name_no INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
);

CREATE TABLE pattern (
    pattern_no INTEGER PRIMARY KEY,
    query_hash TEXT NOT NULL UNIQUE,
    query_type TEXT NOT NULL,
    fingerprint_method TEXT NOT NULL,
    native_hashes TEXT NOT NULL,
    scrubbed_sql TEXT,
    withheld_reason TEXT,
    table_names TEXT NOT NULL,
    labels TEXT NOT NULL,
    first_seen_us INTEGER NOT NULL,
    last_seen_us INTEGER NOT NULL,
    regression TEXT
);
CREATE INDEX pattern_by_type ON pattern (query_type, pattern_no);

-- All runs of one pattern on one day from one source, as columns (see run_block.py).
CREATE TABLE run_block (
    pattern_no INTEGER NOT NULL REFERENCES pattern,
    day INTEGER NOT NULL,
    source TEXT NOT NULL,
    run_count INTEGER NOT NULL,
    runs BLOB NOT NULL,
    PRIMARY KEY (pattern_no, day, source)
);

-- What the run blocks of one pattern and day add up to, by database and user (see day_figures.py).
CREATE TABLE pattern_day (
    pattern_no INTEGER NOT NULL REFERENCES pattern,
    day INTEGER NOT NULL,
    slices BLOB NOT NULL,
    digest BLOB NOT NULL,
    labels BLOB NOT NULL,
    PRIMARY KEY (pattern_no, day)
);

-- The few figures that the ranking needs of every pattern, side by side (see day_sheet.py).
CREATE TABLE day_sheet (
    day INTEGER PRIMARY KEY,
    lines BLOB NOT NULL
);

CREATE TABLE evidence (
    query_hash TEXT PRIMARY KEY,
    collected_at TEXT NOT NULL,
    payload BLOB NOT NULL
);

CREATE TABLE warehouse_table (
    table_key TEXT NOT NULL,
    schema_key TEXT NOT NULL,
    database_key TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (table_key, schema_key, database_key)
);

CREATE TABLE advisor_row (
    advisor_row_no INTEGER PRIMARY KEY,
    database_name TEXT NOT NULL,
    table_key TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX advisor_row_by_database ON advisor_row (database_name);
CREATE INDEX advisor_row_by_table ON advisor_row (table_key);

-- One item of query-optimization-history; the case file stands apart so that lists skip it.
CREATE TABLE review (
    review_no INTEGER PRIMARY KEY,
    query_hash TEXT NOT NULL,
    analysis_timestamp TEXT NOT NULL,
    payload BLOB NOT NULL,
    UNIQUE (query_hash, analysis_timestamp)
);
CREATE INDEX review_by_time ON review (analysis_timestamp, query_hash);

CREATE TABLE review_case_file (
    review_no INTEGER PRIMARY KEY REFERENCES review,
    payload BLOB NOT NULL
);

CREATE TRIGGER review_is_counted AFTER INSERT ON review BEGIN
    INSERT INTO counter (name, value) VALUES ('review', 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;

CREATE TABLE recommendation (
    recommendation_no INTEGER PRIMARY KEY,
    recommendation_id TEXT NOT NULL UNIQUE,
    query_hash TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    bucket TEXT NOT NULL,
    severity TEXT NOT NULL,
    severity_order INTEGER NOT NULL,
    unclaimed_seconds REAL NOT NULL, -- the claimed saving, negated: every order then goes up
    state TEXT NOT NULL,
    is_still_raised INTEGER NOT NULL,
    raised_first TEXT NOT NULL,
    raised_last TEXT NOT NULL,
    version INTEGER NOT NULL,
    snoozed_until TEXT,
    search_text TEXT NOT NULL,
    payload BLOB NOT NULL
);
-- Holds every column that a filter looks at, so that a list reads only the rows that it shows.
CREATE INDEX recommendation_in_order ON recommendation (
    severity_order, unclaimed_seconds, recommendation_id,
    state, reviewer, bucket, is_still_raised, raised_last, search_text
);
CREATE INDEX recommendation_by_pattern ON recommendation (
    query_hash, severity_order, unclaimed_seconds, recommendation_id, state, is_still_raised
);

CREATE TABLE triage_event (
    recommendation_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (recommendation_id, version)
) WITHOUT ROWID;

CREATE TABLE recommendation_daily (
    day TEXT NOT NULL,
    severity TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    state TEXT NOT NULL,
    recommendations INTEGER NOT NULL,
    PRIMARY KEY (day, severity, reviewer, state)
) WITHOUT ROWID;

CREATE TRIGGER recommendation_is_counted AFTER INSERT ON recommendation BEGIN
    INSERT INTO recommendation_daily (day, severity, reviewer, state, recommendations)
    VALUES (substr(NEW.raised_first, 1, 10), NEW.severity, NEW.reviewer, NEW.state, 1)
    ON CONFLICT (day, severity, reviewer, state)
    DO UPDATE SET recommendations = recommendations + 1;
END;

CREATE TRIGGER recommendation_moves_its_count
AFTER UPDATE OF raised_first, severity, reviewer, state ON recommendation
WHEN (substr(OLD.raised_first, 1, 10), OLD.severity, OLD.reviewer, OLD.state)
  IS NOT (substr(NEW.raised_first, 1, 10), NEW.severity, NEW.reviewer, NEW.state)
BEGIN
    UPDATE recommendation_daily SET recommendations = recommendations - 1
    WHERE (day, severity, reviewer, state)
        = (substr(OLD.raised_first, 1, 10), OLD.severity, OLD.reviewer, OLD.state);
    DELETE FROM recommendation_daily
    WHERE (day, severity, reviewer, state)
        = (substr(OLD.raised_first, 1, 10), OLD.severity, OLD.reviewer, OLD.state)
    AND recommendations <= 0;
    INSERT INTO recommendation_daily (day, severity, reviewer, state, recommendations)
    VALUES (substr(NEW.raised_first, 1, 10), NEW.severity, NEW.reviewer, NEW.state, 1)
    ON CONFLICT (day, severity, reviewer, state)
    DO UPDATE SET recommendations = recommendations + 1;
END;

CREATE TABLE review_job (
    job_id TEXT PRIMARY KEY,
    query_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    analysis_timestamp TEXT NOT NULL,
    stage TEXT,
    started_at TEXT,
    finished_at TEXT,
    lease_until TEXT,
    worker TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT
);
CREATE UNIQUE INDEX review_job_one_active ON review_job (query_hash)
WHERE state IN ('queued', 'running');
CREATE INDEX review_job_waiting ON review_job (created_at, job_id)
WHERE state IN ('queued', 'running');
CREATE INDEX review_job_by_pattern ON review_job (query_hash, created_at, job_id);
