"""What Redshift Spectrum reads outside of the cluster."""

from backend.checks.check import Check

CHECKS: tuple[Check, ...] = ()
