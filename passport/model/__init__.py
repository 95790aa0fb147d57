"""The nouns of the ground floor: tables as typed classes, and frozen values."""
