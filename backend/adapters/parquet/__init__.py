"""Recommendations as a Parquet file."""
