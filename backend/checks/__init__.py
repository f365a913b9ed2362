"""Deterministic checks, one a module: case file in, findings out."""
