-- What a model may see of a pattern's statement, and marks by which its literals are found again
-- in a text that is to be sent. Patterns of older imports get them with their next import.
ALTER TABLE pattern ADD COLUMN model_form TEXT;
ALTER TABLE pattern ADD COLUMN literal_marks BLOB;
