-- From here on a run block of few runs may be in the form of rows (see run_block.py), which an
-- older workbench cannot read.

-- The patterns that have become slower, without reading the statements of all.
CREATE INDEX pattern_slower ON pattern (pattern_no) WHERE regression IS NOT NULL;
