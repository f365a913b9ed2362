-- What belongs to the cluster rather than to one pattern. An hour is the number of hours since 1970.

-- External tables (SVV_EXTERNAL_TABLES); where their files lie is not kept.
CREATE TABLE lake_table (
    table_key TEXT NOT NULL,
    schema_key TEXT NOT NULL,
    database_key TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (table_key, schema_key, database_key)
);

CREATE TABLE materialized_view (
    database_key TEXT NOT NULL,
    schema_key TEXT NOT NULL,
    view_key TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (database_key, schema_key, view_key)
);

CREATE TABLE wlm_queue (
    service_class INTEGER PRIMARY KEY,
    payload BLOB NOT NULL
);

CREATE TABLE cluster_figure (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- What the runs that started in an hour add up to, by queue.
CREATE TABLE hour_use (
    hour INTEGER NOT NULL,
    source TEXT NOT NULL,
    run_count INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (hour, source)
);

CREATE TABLE serverless_hour (
    hour INTEGER PRIMARY KEY,
    minutes INTEGER NOT NULL,
    payload BLOB NOT NULL
);

CREATE TABLE pattern_queue (
    query_hash TEXT NOT NULL,
    service_class INTEGER NOT NULL,
    queue_name TEXT NOT NULL,
    run_count INTEGER NOT NULL,
    PRIMARY KEY (query_hash, service_class)
);

-- When a scan of a table was last seen in SYS_QUERY_DETAIL, whichever statement it served.
CREATE TABLE table_scan (
    table_name TEXT PRIMARY KEY,
    last_scanned TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE workload_review (
    analysis_timestamp TEXT PRIMARY KEY,
    payload BLOB NOT NULL
);
