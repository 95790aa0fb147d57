"""What follows a cascade: agency fills and broken glass, and shifts planned anew under a policy."""
