-- A day's lines know the time on concurrency-scaling clusters now: work them out anew.
DELETE FROM day_bill;

-- What a pattern's recorded runs scanned in the data lake on a day. It is the sum of what its
-- evidence says, which is packed; patterns of older imports come in with the next import.
CREATE TABLE lake_day (
    day INTEGER NOT NULL,
    query_hash TEXT NOT NULL,
    scanned_bytes INTEGER NOT NULL,
    PRIMARY KEY (day, query_hash)
) WITHOUT ROWID;
CREATE INDEX lake_day_by_pattern ON lake_day (query_hash, day);
