"""What is as it should be: worth knowing before anybody changes it."""

from backend.checks.check import Check

CHECKS: tuple[Check, ...] = ()
