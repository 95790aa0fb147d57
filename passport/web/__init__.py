"""Faces of the ground floor: a request into one action inside one transaction."""
