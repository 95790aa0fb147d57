"""Asking and checking: pages, API, OpenID4VP, what verifiers fetch."""
