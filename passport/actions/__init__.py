"""Deeds of the ground floor: load, lock, ask rules, change, record; never commit."""
