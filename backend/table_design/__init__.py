"""One design for each table over all patterns: who gains by it, and who loses.

`read_table_uses` says what a pattern does with its tables; `propose_designs` chooses for all tables
together. Pure: case files and uses in, proposals out.
"""
