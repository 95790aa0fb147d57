"""The fill figures: pages, files, API."""
