"""What a bank is run by: dated policy, rates, units, sites."""
