"""The embedded history store: one SQLite file."""
