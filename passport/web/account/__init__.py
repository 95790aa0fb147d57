"""Signing in, one's own account, and who may do what."""
