"""Which clauses of a statement may cost time."""
