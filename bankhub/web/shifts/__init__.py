"""Pages and API of a bank office: gaps, who can fill them, rosters, the day and the week."""
