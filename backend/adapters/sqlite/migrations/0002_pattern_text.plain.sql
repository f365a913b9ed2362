-- As 0002_pattern_text.sql, for an SQLite that was built without FTS5.
CREATE TABLE pattern_text (words TEXT NOT NULL);
