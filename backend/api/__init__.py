"""The small HTTP face."""
