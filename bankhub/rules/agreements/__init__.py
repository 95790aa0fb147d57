"""What may stand in an agreement, what it permits, and what may be told of it."""
