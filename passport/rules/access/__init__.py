"""Who may do what, and how people prove that they are themselves."""
