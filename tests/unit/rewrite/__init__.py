"""Rewrites by rule, tried on data: the same rows where a rule applies, other rows where it must not."""
