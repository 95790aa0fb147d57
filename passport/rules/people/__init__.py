"""Can this be a person, a fact, an answer of a register?"""
