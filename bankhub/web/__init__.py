"""Faces of the upper floor: a request into one action inside one transaction."""
