"""How much of the demand was met, and who may read which figure."""
