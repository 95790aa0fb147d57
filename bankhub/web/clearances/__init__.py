"""The clearance desk, its checklists and its API."""
