"""Whom verifiers believe: trust lists, and a key in other hands."""
