"""The engine of the slow-query workbench and its small HTTP face."""
