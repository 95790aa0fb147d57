"""The upper floor: who works where, and when."""
