-- What each pattern's newest review says that it does with a table; a table is called by its key,
-- database.schema.table in one case. Times are microseconds a week, so that sums stay exact.
CREATE TABLE table_use (
    query_hash TEXT NOT NULL,
    table_name TEXT NOT NULL,
    us_a_week INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (query_hash, table_name)
) WITHOUT ROWID;
CREATE INDEX table_use_by_table ON table_use (table_name, us_a_week DESC, query_hash);

-- What the uses of a table add up to, kept by triggers.
CREATE TABLE used_table (
    table_name TEXT PRIMARY KEY,
    unspent_us INTEGER NOT NULL, -- the time a week, negated: every order then goes up
    patterns INTEGER NOT NULL,
    has_change INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX used_table_in_order ON used_table (unspent_us, table_name, has_change);
CREATE INDEX used_table_to_change ON used_table (table_name) WHERE has_change;

-- What the newest review of the tables proposes for each, and how recommendations stand by that.
CREATE TABLE table_proposal (
    table_name TEXT PRIMARY KEY,
    analysis_timestamp TEXT NOT NULL,
    is_change INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE recommendation_standing (
    recommendation_id TEXT PRIMARY KEY,
    payload TEXT NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER table_use_is_added AFTER INSERT ON table_use BEGIN
    INSERT INTO used_table (table_name, unspent_us, patterns, has_change)
    VALUES (
        NEW.table_name, -NEW.us_a_week, 1,
        coalesce((SELECT is_change FROM table_proposal WHERE table_name = NEW.table_name), 0)
    )
    ON CONFLICT (table_name)
    DO UPDATE SET unspent_us = unspent_us - NEW.us_a_week, patterns = patterns + 1;
END;

CREATE TRIGGER table_use_is_taken_off AFTER DELETE ON table_use BEGIN
    UPDATE used_table SET unspent_us = unspent_us + OLD.us_a_week, patterns = patterns - 1
    WHERE table_name = OLD.table_name;
    DELETE FROM used_table WHERE table_name = OLD.table_name AND patterns <= 0;
END;

-- The tables that a recommendation's action would change, and its name for them.
CREATE TABLE advised_table (
    table_name TEXT NOT NULL,
    recommendation_id TEXT NOT NULL,
    written_as TEXT NOT NULL,
    PRIMARY KEY (table_name, recommendation_id, written_as)
) WITHOUT ROWID;
CREATE INDEX advised_table_by_recommendation ON advised_table (recommendation_id);
