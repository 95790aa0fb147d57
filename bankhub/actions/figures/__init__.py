"""How shifts were filled, counted and told."""
