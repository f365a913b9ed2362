"""Statements as text and as tree: fingerprint, scrub, format, plan grammar."""
