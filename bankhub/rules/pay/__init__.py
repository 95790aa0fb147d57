"""What would a shift pay, and what is owed for a shared one?"""
