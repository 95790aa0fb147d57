"""Clearances: a passport shown at a host, decided, decided again, and told to all three."""
