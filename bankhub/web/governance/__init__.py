"""Information governance and one person's data: pages and API."""
