"""Files into what they say: the one reader of delimited files, and register files."""
