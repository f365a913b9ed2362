"""Loads, and the upkeep of tables and materialized views."""

from backend.checks.check import Check

CHECKS: tuple[Check, ...] = ()
