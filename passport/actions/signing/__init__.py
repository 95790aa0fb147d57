"""Keys, signed copies, their status, and the life of what was signed."""
