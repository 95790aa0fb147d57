"""The start of a shift: pages, API, and who is expected at a door."""
