"""What registers say, and what follows from it."""
