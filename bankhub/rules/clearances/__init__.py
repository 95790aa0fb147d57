"""Is a partner's passport enough for this host?"""
