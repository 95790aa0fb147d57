"""May this person work this shift, and why not? Papers, rest, hours, caps."""
