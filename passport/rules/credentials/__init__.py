"""What a credential of a type may say, and which steps it may take."""
