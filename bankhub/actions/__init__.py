"""Deeds of the upper floor: load, lock, ask rules, change, record; never commit."""
