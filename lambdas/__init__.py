"""AWS entry points of the scheduled pipeline, one folder a step."""
