"""Everything that stands between a case file and a model."""
