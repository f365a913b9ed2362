"""One page a module: read the widgets, ask one presenter, draw."""
