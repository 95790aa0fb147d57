"""Asking for a passport, judging what is shown, and the record of it."""
