"""The ground floor: who people are and what is proven about them."""
