"""What a shift, a pattern or a row of a roster means."""
