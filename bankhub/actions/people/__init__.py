"""The bank's people: posts, papers, restrictions, and the files they come in by."""
