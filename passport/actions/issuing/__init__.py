"""From what is on record to a credential in a wallet."""
