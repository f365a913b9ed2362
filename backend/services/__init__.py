"""One use case a module, over the ports of `ports.py`."""
