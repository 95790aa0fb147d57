"""Answers of the ground floor: pure functions; no session, no clock, no exception for "no"."""
