"""Answers of the upper floor, one file for each question the trade asks."""
