"""People and organisations on record, and what is proven about them."""
