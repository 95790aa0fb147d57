"""Deployments: one person at a host for a time, there and back."""
