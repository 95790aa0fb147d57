"""Gaps put on record: drafted, posted, authorised, opened to their tiers, changed, withdrawn."""
