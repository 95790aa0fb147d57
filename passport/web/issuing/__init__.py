"""Issuing: pages, API, registers, keys, OpenID4VCI."""
