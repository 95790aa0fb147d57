"""What a deployment must be, where it may go, and what its licence says."""
