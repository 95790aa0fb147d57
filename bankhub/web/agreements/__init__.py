"""Pages and API of agreements, of recharges, and of the system view."""
