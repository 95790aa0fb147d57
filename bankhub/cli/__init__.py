"""Commands: words from a terminal into one action inside one transaction."""
