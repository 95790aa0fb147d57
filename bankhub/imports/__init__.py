"""Files that come in: a row into one action inside one transaction."""
