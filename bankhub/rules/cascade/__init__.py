"""Bank before agency: when each tier sees a shift, and what may happen to it next."""
