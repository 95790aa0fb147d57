"""From a tap to the ward: booking, cancelling, hours, arrival, check-in, local induction."""
