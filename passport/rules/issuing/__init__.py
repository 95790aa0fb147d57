"""What can be issued from what is held, and the protocol that hands it out."""
