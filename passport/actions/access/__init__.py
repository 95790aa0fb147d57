"""Accounts: entering, signing in, sessions, tokens, roles, who is asking."""
