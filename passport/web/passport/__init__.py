"""My passport and its wallet."""
