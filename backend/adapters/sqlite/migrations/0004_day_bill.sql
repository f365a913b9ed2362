-- How the time in which a source's cluster was at work on a day is shared by patterns (see
-- day_bill.py). A day whose runs have changed since has no row.
CREATE TABLE day_bill (
    day INTEGER NOT NULL,
    source TEXT NOT NULL,
    first_us INTEGER NOT NULL, -- the first work of the day, and the end of the last
    last_us INTEGER NOT NULL,
    lines BLOB NOT NULL,
    PRIMARY KEY (day, source)
) WITHOUT ROWID;
CREATE INDEX run_block_by_day ON run_block (day, pattern_no, source);
