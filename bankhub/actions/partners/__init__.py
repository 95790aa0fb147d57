"""What agreements in force let partners see and ask, as every other deed looks it up."""
