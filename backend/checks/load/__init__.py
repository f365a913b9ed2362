"""Loads, and the upkeep of tables and materialized views."""

from backend.checks.check import Check
from backend.checks.load.compression_analysis import compression_analysis
from backend.checks.load.copy_file_count import copy_file_count
from backend.checks.load.full_view_refresh import full_view_refresh
from backend.checks.load.small_copy_files import small_copy_files
from backend.checks.load.stale_materialized_view import stale_materialized_view
from backend.checks.load.uncompressed_copy import uncompressed_copy

CHECKS: tuple[Check, ...] = (
    copy_file_count,
    small_copy_files,
    uncompressed_copy,
    compression_analysis,
    full_view_refresh,
    stale_materialized_view,
)
