"""The nouns of the upper floor: tables as typed classes, and frozen values."""
