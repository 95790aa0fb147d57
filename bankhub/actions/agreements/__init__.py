"""Workforce-sharing agreements from draft to wind-down, and what shared work came to."""
