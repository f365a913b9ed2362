-- What the text filter looks in: statement, table names and labels, folded to one case.
CREATE VIRTUAL TABLE pattern_text USING fts5 (words, tokenize = 'trigram');
