"""Pages and API of bank staff, on a phone."""
