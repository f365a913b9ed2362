"""The outside world behind the ports; only `wiring.py` chooses among these."""
