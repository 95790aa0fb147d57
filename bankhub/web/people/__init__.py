"""Pages of the personnel office."""
